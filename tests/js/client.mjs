// What the contract's tests share: people who call the API with `fetch` and listen with the official client.
//
// The Rust test that starts these files starts the server too, and says in the environment where it is and who has
// an account there.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { io } from "socket.io-client";

/** How long anything may take, in milliseconds. */
const DEADLINE = 30_000;

/** The server's address. */
export const server = required("ROOST_URL");

/** Passwords and names by user name. */
export const accounts = JSON.parse(required("ROOST_ACCOUNTS"));

/** Both roots of the message routes; the document uses both. */
export const roots = ["/message", "/api/message"];

/** Both transports, alone and as the client uses them by default: polling first, then an upgrade. */
export const transports = [["websocket"], ["polling"], ["polling", "websocket"]];

/** Somebody with an account. */
export class Person {
  static async signIn(userName) {
    const { password } = accounts[userName];
    const answer = await call("POST", "/api/auth/login", { body: { userName, password } });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return new Person(answer.body.data.user, answer.body.data.accessToken);
  }

  constructor(user, token) {
    this.id = user._id;
    this.user = user;
    this.token = token;
  }

  /** Calls the API as this person. */
  call(method, path, body) {
    return call(method, path, { body, token: this.token });
  }

  /** Calls the API as this person, and expects a 200. */
  async ok(method, path, body) {
    const answer = await this.call(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A connected socket that remembers what it hears. */
  listen(options = {}) {
    return Listener.open({ auth: { token: this.token }, ...options });
  }
}

/** A connected socket that remembers every event until a test asks for it. */
export class Listener {
  static async open(options) {
    const socket = io(server, { reconnection: false, forceNew: true, timeout: DEADLINE, ...options });
    const listener = new Listener(socket);
    await within(`a connection over ${options.transports ?? "any transport"}`, (resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    return listener;
  }

  #heard = [];
  #waiting = new Set();

  constructor(socket) {
    this.socket = socket;
    socket.onAny((name, ...args) => {
      this.#heard.push({ name, args });
      for (const look of this.#waiting) look();
    });
  }

  /** The payload of the oldest event of this name that nobody asked for yet; waits for one. */
  async hear(name) {
    const args = await within(`the event ${name} (heard: ${this.names().join(", ") || "nothing"})`, (resolve) => {
      const look = () => {
        const index = this.#heard.findIndex((event) => event.name === name);
        if (index < 0) return;
        this.#waiting.delete(look);
        resolve(this.#heard.splice(index, 1)[0].args);
      };
      this.#waiting.add(look);
      look();
    });
    assert.equal(args.length, 1, `${name} carries one value`);
    return args[0];
  }

  /** The names of the events that nobody asked for. */
  names() {
    return this.#heard.map((event) => event.name);
  }

  close() {
    this.socket.close();
  }
}

/** The reason why a connection with these options is refused. */
export async function refusal(options) {
  const socket = io(server, { reconnection: false, forceNew: true, timeout: DEADLINE, ...options });
  try {
    return await within("a refused connection", (resolve, reject) => {
      socket.once("connect", () => reject(new Error("the connection was accepted")));
      socket.once("connect_error", (error) => resolve(error.message));
    });
  } finally {
    socket.close();
  }
}

/** One request. A body that is a string goes out as it is, anything else as JSON. */
export async function call(method, path, { body, token, headers = {} } = {}) {
  const response = await fetch(server + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(DEADLINE),
  });
  const text = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/, `${method} ${path} answers JSON`);
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** Fails unless `actual` is the documented error body with this status and, where one is given, this text. */
export function assertError(answer, status, error) {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.deepEqual(Object.keys(answer.body).sort(), ["error", "statusCode", "timestamp"]);
  assert.equal(answer.body.statusCode, status);
  assertTime(answer.body.timestamp);
  if (error === undefined) assert.notEqual(answer.body.error, "");
  else assert.equal(answer.body.error, error);
}

/**
 * Fails unless `actual` has every field of `expected` with the same value; it may have more. A function in
 * `expected` checks its field by itself.
 */
export function assertHas(actual, expected) {
  for (const [field, value] of Object.entries(expected)) {
    assert.ok(Object.hasOwn(actual, field), `${field} is missing in ${JSON.stringify(actual)}`);
    if (typeof value === "function") value(actual[field]);
    else if (value !== null && typeof value === "object" && !Array.isArray(value)) assertHas(actual[field], value);
    else assert.deepEqual(actual[field], value, field);
  }
}

/** Fails unless `text` is a time as the document writes times: what JavaScript's `toISOString` gives. */
export function assertTime(text) {
  assert.equal(typeof text, "string");
  assert.equal(new Date(text).toISOString(), text);
}

/** Fails unless `text` is an id. */
export function assertId(text) {
  assert.match(text, /^[0-9a-f]{24}$/);
}

/** A JSON Web Token with this payload, signed with HMAC-SHA-256 unless `alg` says otherwise. */
export function sign(payload, secret, alg = "HS256") {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg, typ: "JWT" })}.${part(payload)}`;
  const signature = alg === "none" ? "" : createHmac("sha256", secret).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}

/** What a token says. */
export function payload(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

/** The environment variable of this name. */
export function required(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: start this file by \`cargo test -p roost-tests\``);
  return value;
}

/** A promise that fails when it takes longer than the deadline, and then says what for. */
function within(what, executor) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited ${DEADLINE} ms for ${what}`)), DEADLINE);
    const settle = (end) => (value) => {
      clearTimeout(timer);
      end(value);
    };
    executor(settle(resolve), settle(reject));
  });
}
