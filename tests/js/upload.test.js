import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkedUpload, Refused, span, wait } from "../../static/js/upload.js";

const CHUNK = 4;

test("a chunk ends with the file", () => {
  assert.deepEqual(span(0, 10, 4), { from: 0, to: 4 });
  assert.deepEqual(span(8, 10, 4), { from: 8, to: 10 });
});

test("waits grow to a limit and differ between browsers", () => {
  assert.equal(
    wait(1, () => 1),
    500,
  );
  assert.equal(
    wait(1, () => 0),
    250,
  );
  assert.equal(
    wait(3, () => 1),
    2000,
  );
  assert.equal(
    wait(50, () => 1),
    10_000,
  );
});

/** A server that keeps bytes; `fail(method, count)` may throw before or after it has taken a request. */
function server(fail = () => {}) {
  const state = { bytes: [], size: 0, calls: [] };
  const told = () => ({
    id: "U",
    offset: state.bytes.length,
    size: state.size,
    chunk_size: CHUNK,
    complete: state.bytes.length === state.size,
  });
  const answer = (status, body) => ({ ok: status < 400, status, json: async () => body });
  globalThis.fetch = async (url, { method, body }) => {
    state.calls.push(method);
    fail(method, state.calls.length, "before");
    if (method === "POST") state.size = JSON.parse(body).size;
    if (method === "PUT") {
      const offset = Number(new URL(url, "http://x").searchParams.get("offset"));
      if (offset !== state.bytes.length) return answer(409, { code: "offset", message: "go on elsewhere", offset: state.bytes.length });
      state.bytes.push(...new Uint8Array(await body.arrayBuffer()));
    }
    fail(method, state.calls.length, "after");
    return answer(200, told());
  };
  return state;
}

function upload(size) {
  const file = new File([Uint8Array.from({ length: size }, (_, index) => index)], "a.csv", { lastModified: 1 });
  const sent = [];
  const waits = [];
  const options = { url: "/uploads/", token: "t", progress: (at) => sent.push(at), waiting: (text) => waits.push(text) };
  return { job: new ChunkedUpload(file, options), sent, waits };
}

globalThis.window = { addEventListener() {}, removeEventListener() {} };

test("a file goes in chunks, in order", async () => {
  const state = server();
  const { job, sent } = upload(10);
  assert.equal(await job.send(), "U");
  assert.deepEqual(state.bytes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(sent, [0, 4, 8, 10]);
});

test("a lost request is sent again, a lost answer is not", async () => {
  let lost = 0;
  const state = server((method, _count, when) => {
    if (method === "PUT" && lost < 2 && when === ["before", "after"][lost]) {
      lost++;
      throw new TypeError("Failed to fetch");
    }
  });
  const { job, waits } = upload(10);
  await job.send();
  assert.deepEqual(state.bytes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(waits.length, 2);
});

test("what the server refuses is not tried again", async () => {
  globalThis.fetch = async () => ({ ok: false, status: 413, json: async () => ({ code: "too_large", message: "Too large." }) });
  const { job, waits } = upload(10);
  await assert.rejects(job.send(), (error) => error instanceof Refused && error.message === "Too large.");
  assert.equal(waits.length, 0);
});
