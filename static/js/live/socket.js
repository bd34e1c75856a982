// A WebSocket that stays: it reconnects with growing pauses, wakes when the machine or the network does, and notices a
// connection that is dead without having said so.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;

/** Close codes after which there is nothing to come back to. @type {Record<number, "login"|"gone">} */
const FINAL = { 4401: "login", 4404: "gone" };

/** How long to wait before try number `tries` (from 0), in milliseconds. @param {number} tries @param {() => number} random */
export function pause(tries, random = Math.random) {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** tries);
  // Half of it at random: after a server's restart the pages come back one by one.
  return most / 2 + (random() * most) / 2;
}

/**
 * @typedef {object} Handlers
 * @property {(message: any) => void} onMessage every message but the answer to a ping
 * @property {(position: number) => void} onPong
 * @property {() => void} onDown the connection is lost; another try is under way
 * @property {(why: "login"|"gone") => void} onEnd there will be no other try
 * @property {() => number} position what to tell the server with a ping
 */

export class LiveSocket {
  #tries = 0;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #retry = undefined;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #dead = undefined;
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #pinger = undefined;
  #ended = false;

  /** @param {string} url @param {Handlers} handlers */
  constructor(url, handlers) {
    this.url = url;
    this.handlers = handlers;
  }

  /** Connect, and stay connected. */
  start() {
    this.#pinger = setInterval(() => this.#ping(), PING_EVERY);
    this.#connect();
  }

  /** Something suggests that the connection may be back or dead: try now. */
  wake() {
    if (this.#ended) return;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ping();
    else if (this.#socket?.readyState !== WebSocket.CONNECTING) this.#connect();
  }

  /** Drop the connection as lost and try anew. */
  drop() {
    const socket = this.#socket;
    this.#socket = null;
    clearTimeout(this.#dead);
    this.#dead = undefined;
    socket?.close();
    if (!this.#ended) this.#again();
  }

  /** End for good. */
  stop() {
    this.#ended = true;
    clearInterval(this.#pinger);
    clearTimeout(this.#retry);
    this.drop();
  }

  #connect() {
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    // A connection that does not open is given up like one that does not answer.
    this.#watch();
    socket.addEventListener("open", () => {
      if (socket === this.#socket) this.#alive();
    });
    socket.addEventListener("message", (event) => {
      if (socket !== this.#socket) return;
      this.#alive();
      this.#tries = 0;
      const message = JSON.parse(event.data);
      if (message.type === "pong") this.handlers.onPong(message.position);
      else this.handlers.onMessage(message);
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      const why = FINAL[event.code];
      if (why) {
        this.stop();
        this.handlers.onEnd(why);
      } else this.drop();
    });
  }

  #again() {
    this.handlers.onDown();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), pause(this.#tries));
    this.#tries += 1;
  }

  #ping() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: "ping", position: this.handlers.position() }));
    this.#watch();
  }

  #watch() {
    // A watch that runs already goes on: otherwise a burst of wakes would put the end off again and again.
    this.#dead ??= setTimeout(() => this.drop(), PONG_WITHIN);
  }

  #alive() {
    clearTimeout(this.#dead);
    this.#dead = undefined;
  }
}
