// Keeps a store equal to the server: opens the socket, holds its messages, fetches the snapshot, applies what lies above
// it, and fetches again after a gap. A message may be lost; the page ends on the last position all the same.
import { LiveSocket, pause } from "./socket.js";
/** @import {Store} from "./store.js" */
/** @import {Change, ChangesMessage, LinkWord, Snapshot} from "./types.js" */

/**
 * @typedef {object} Follow
 * @property {string} socketUrl
 * @property {string} snapshotUrl
 * @property {Store} store
 * @property {(change: Change) => void} onChange
 * @property {(link: LinkWord) => void} onLink
 */

export class Follower {
  #fetching = false;
  #failures = 0;
  #connected = false;

  /** @param {Follow} options */
  constructor({ socketUrl, snapshotUrl, store, onChange, onLink }) {
    this.snapshotUrl = snapshotUrl;
    this.store = store;
    this.onChange = onChange;
    this.onLink = onLink;
    this.socket = new LiveSocket(socketUrl, {
      onMessage: (message) => this.#message(message),
      onPong: (position) => {
        if (!this.#fetching && store.isBehind(position)) this.fetch();
      },
      onDown: () => this.#down(),
      onEnd: (why) => this.#end(why),
      position: () => store.position,
    });
  }

  start() {
    this.onLink("connecting");
    this.socket.start();
  }

  /** @param {{type: string, position: number}} message */
  #message(message) {
    if (message.type === "hello") {
      this.#connected = true;
      // The same position: nothing happened while the connection was away.
      if (this.store.loaded && message.position === this.store.position && !this.#fetching) this.onLink("live");
      else this.fetch();
    } else if (message.type === "changes") {
      const result = this.store.receive(/** @type {ChangesMessage} */ (message));
      if (result === "gap") this.fetch();
      else if (typeof result === "object") this.onChange(result);
    }
  }

  #down() {
    this.#connected = false;
    this.onLink(globalThis.navigator?.onLine === false ? "offline" : "reconnecting");
  }

  /** @param {"login"|"gone"} why */
  #end(why) {
    this.#connected = false;
    this.socket.stop();
    this.onLink(why);
  }

  /** Fetch the snapshot; one at a time, with growing pauses while it fails. */
  async fetch() {
    if (this.#fetching) return;
    this.#fetching = true;
    this.store.hold();
    const outcome = await this.#try();
    this.#fetching = false;
    if (outcome === "login" || outcome === "gone") this.#end(outcome);
    else if (outcome === "again") {
      this.onLink("reconnecting");
      setTimeout(() => this.fetch(), pause(this.#failures));
      this.#failures = Math.min(this.#failures + 1, 10);
    } else {
      this.#failures = 0;
      if (this.#connected) this.onLink("live");
    }
  }

  /** @returns {Promise<"done"|"again"|"login"|"gone">} */
  async #try() {
    let snapshot;
    try {
      const answer = await fetch(this.snapshotUrl, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403 || answer.redirected) return "login";
      if (answer.status === 404) return "gone";
      if (!answer.ok) return "again";
      snapshot = /** @type {Snapshot} */ (await answer.json());
    } catch {
      return "again";
    }
    const { change, gap } = this.store.load(snapshot);
    this.onChange(change);
    if (gap) this.store.hold();
    return gap ? "again" : "done";
  }
}
