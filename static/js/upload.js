// A file to the server in chunks: goes on after a lost connection, a server that was started again, or a reload.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** The server has refused the file; there is no use in trying again. */
export class Refused extends Error {}

/**
 * Where the next chunk begins and ends.
 * @param {number} offset @param {number} size @param {number} chunk
 */
export function span(offset, size, chunk) {
  return { from: offset, to: Math.min(offset + chunk, size) };
}

/**
 * How long to wait before the next try, in milliseconds, with jitter so that not all browsers come back at once.
 * @param {number} tries how many have failed in a row, from 1
 * @param {() => number} random
 */
export function wait(tries, random = Math.random) {
  const most = Math.min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT);
  return most / 2 + (random() * most) / 2;
}

/** The name under which this browser remembers an unfinished upload. @param {File} file */
export function memory(file) {
  return `hpweb-upload:${file.name}:${file.size}:${file.lastModified}`;
}

export class ChunkedUpload {
  /**
   * @param {File} file
   * @param {{url: string, token: string, progress: (sent: number, size: number) => void, waiting: (message: string) => void}} options
   */
  constructor(file, { url, token, progress, waiting }) {
    this.file = file;
    this.url = url;
    this.token = token;
    this.progress = progress;
    this.waiting = waiting;
    this.stop = new AbortController();
    this.id = "";
  }

  /** Send it all. @returns {Promise<string>} the upload's id */
  async send() {
    let state = await this.#patiently(() => this.#known());
    state ??= await this.#patiently(() => this.#ask("POST", this.url, JSON.stringify({ filename: this.file.name, size: this.file.size })));
    this.id = state.id;
    this.#remember(state.id);
    while (!state.complete) {
      const { from, to } = span(state.offset, state.size, state.chunk_size);
      this.progress(from, state.size);
      state = await this.#patiently(() => this.#chunk(from, to));
    }
    this.progress(state.size, state.size);
    this.#remember("");
    return state.id;
  }

  /** Give it up, here and on the server. */
  async cancel() {
    this.stop.abort();
    this.#remember("");
    if (this.id) await fetch(`${this.url}${this.id}/`, { method: "DELETE", headers: { "X-CSRFToken": this.token } }).catch(() => null);
  }

  /** What an earlier visit has begun, if the server still has it. */
  async #known() {
    const id = recall(memory(this.file));
    if (!id) return null;
    try {
      const state = await this.#ask("GET", `${this.url}${id}/`);
      return state.size === this.file.size ? state : null;
    } catch (error) {
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  async #chunk(from, to) {
    const url = `${this.url}${this.id}/`;
    try {
      return await this.#ask("PUT", `${url}?offset=${from}`, this.file.slice(from, to));
    } catch (error) {
      // The answer to an earlier try was lost: the server says where to go on.
      if (error.code === "offset") return await this.#ask("GET", url);
      throw error;
    }
  }

  /** Try until it works, is refused or is given up. */
  async #patiently(attempt) {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof Refused || error.name === "AbortError") throw error;
        const away = globalThis.navigator?.onLine === false;
        this.waiting(away ? "No connection. Goes on by itself …" : "The server does not answer. Trying again …");
        await pause(wait(tries), this.stop.signal);
      }
    }
  }

  async #ask(method, url, body) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token };
    if (body !== undefined) headers["Content-Type"] = typeof body === "string" ? "application/json" : "application/octet-stream";
    const answer = await fetch(url, { method, body, headers, signal: this.stop.signal });
    if (answer.ok) return await answer.json();
    if (answer.status >= 500 && answer.status !== 507) throw new Error(`Answer ${answer.status}`);
    const told = await answer.json().catch(() => ({}));
    const error = new Refused(told.message ?? `The server refused the file (${answer.status}).`);
    error.code = told.code ?? "";
    throw error;
  }

  #remember(id) {
    try {
      if (id) localStorage.setItem(memory(this.file), id);
      else localStorage.removeItem(memory(this.file));
    } catch {
      // Without storage a reload starts anew; nothing else is lost.
    }
  }
}

function recall(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** Wait, but not beyond a connection that comes back or an upload that is given up. */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", gone);
      resolve();
    };
    const gone = () => {
      done();
      reject(signal.reason);
    };
    const timer = setTimeout(done, milliseconds);
    window.addEventListener("online", done);
    signal.addEventListener("abort", gone);
  });
}

/**
 * Send a file and show how far it is in a [data-upload-progress] box. Resolves to the upload's id, or null when it was
 * refused or given up; the box says why.
 * @param {File} file @param {HTMLElement} box @param {{url: string, token: string}} where
 */
export async function shownUpload(file, box, { url, token }) {
  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const bar = box.querySelector("progress");
  const say = (text) => {
    part("state").textContent = text;
  };
  box.hidden = false;
  box.classList.remove("has-failed");
  part("name").textContent = file.name;
  part("cancel").hidden = false;
  const upload = new ChunkedUpload(file, {
    url,
    token,
    progress(sent, size) {
      bar.value = size ? sent / size : 1;
      part("figures").textContent = `${megabytes(sent)} of ${megabytes(size)} MB`;
      say(sent === size ? "Reading the file …" : "");
    },
    waiting: say,
  });
  const cancel = () => upload.cancel();
  part("cancel").addEventListener("click", cancel, { once: true });
  try {
    const id = await upload.send();
    part("cancel").hidden = true;
    return id;
  } catch (error) {
    box.classList.toggle("has-failed", error instanceof Refused);
    part("cancel").hidden = true;
    say(error instanceof Refused ? error.message : "Given up.");
    return null;
  } finally {
    part("cancel").removeEventListener("click", cancel);
  }
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
