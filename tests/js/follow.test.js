// The follower against a socket and a server made here: what it fetches, and what it says of the connection.
import assert from "node:assert/strict";
import test from "node:test";
import { Follower } from "../../static/js/live/follow.js";
import { pause } from "../../static/js/live/socket.js";
import { Store } from "../../static/js/live/store.js";

class Socket extends EventTarget {
  static OPEN = 1;
  static CONNECTING = 0;
  static all = [];
  readyState = 0;
  sent = [];
  constructor() {
    super();
    Socket.all.push(this);
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  say(message) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

function begin(t, { snapshots }) {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  Socket.all = [];
  globalThis.WebSocket = Socket;
  const answers = [...snapshots];
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    if (typeof answer === "number") return { ok: false, status: answer };
    return { ok: true, status: 200, json: async () => ({ sweep: {}, trials: [], curves: {}, metrics: [], logs: [], ...answer }) };
  };
  const links = [];
  const store = new Store();
  const follower = new Follower({
    socketUrl: "ws://x/",
    snapshotUrl: "/s",
    store,
    onChange: () => {},
    onLink: (link) => links.push(link),
  });
  follower.start();
  t.after(() => follower.socket.stop());
  return { follower, store, links, asked, socket: () => Socket.all.at(-1) };
}

const settle = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

test("hello, snapshot, live", async (t) => {
  const { socket, links, store } = begin(t, { snapshots: [{ position: 5 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  assert.deepEqual(links, ["connecting", "live"]);
  assert.equal(store.position, 5);
});

test("a gap fetches again", async (t) => {
  const { socket, store, asked } = begin(t, { snapshots: [{ position: 5 }, { position: 9 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  socket().say({ type: "changes", from: 7, position: 8 });
  await settle();
  assert.equal(asked.length, 2);
  assert.equal(store.position, 9);
});

test("after a break nothing is fetched when nothing happened, and the page says both", async (t) => {
  const { socket, links, asked } = begin(t, { snapshots: [{ position: 5 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  socket().close(1006);
  t.mock.timers.tick(600);
  assert.equal(Socket.all.length, 2);
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  assert.deepEqual(links, ["connecting", "live", "reconnecting", "live"]);
  assert.equal(asked.length, 1);
});

test("a server that can't answer is asked again", async (t) => {
  const { socket, links, asked } = begin(t, { snapshots: [new TypeError("away"), 503, { position: 5 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  for (let i = 0; i < 3; i += 1) {
    await settle();
    t.mock.timers.tick(2000);
  }
  await settle();
  assert.equal(asked.length, 3);
  assert.equal(links.at(-1), "live");
});

test("logged out, and gone, are final", async (t) => {
  for (const [code, link] of [
    [4401, "login"],
    [4404, "gone"],
  ]) {
    const { socket, links } = begin(t, { snapshots: [] });
    socket().close(code);
    t.mock.timers.tick(60_000);
    assert.equal(links.at(-1), link);
    assert.equal(Socket.all.length, 1);
    t.mock.timers.reset();
  }
});

test("a connection that does not answer a ping is given up", async (t) => {
  const { socket } = begin(t, { snapshots: [{ position: 5 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  t.mock.timers.tick(10_000);
  assert.deepEqual(socket().sent, [{ type: "ping", position: 5 }]);
  t.mock.timers.tick(5_000);
  t.mock.timers.tick(600);
  assert.equal(Socket.all.length, 2);
});

test("being behind twice fetches again", async (t) => {
  const { socket, asked } = begin(t, { snapshots: [{ position: 5 }, { position: 6 }] });
  socket().open();
  socket().say({ type: "hello", position: 5 });
  await settle();
  socket().say({ type: "pong", position: 6 });
  assert.equal(asked.length, 1);
  socket().say({ type: "pong", position: 6 });
  await settle();
  assert.equal(asked.length, 2);
});

test("pauses grow from half a second to ten", () => {
  assert.deepEqual(
    [0, 1, 2, 10].map((tries) => pause(tries, () => 1)),
    [500, 1000, 2000, 10_000],
  );
  assert.equal(
    pause(0, () => 0),
    250,
  );
});
