// Every documented error, with its text and the documented body, under both roots, and the refusals that C10 and
// C13 of the design add.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Person, assertError, call, payload, required, roots, sign } from "./client.mjs";

const NOBODY = "000000000000000000000000";
const secret = required("JWT_SECRET");

for (const root of roots) {
  describe(root, () => {
    let ana, ben, eve, message;

    before(async () => {
      [ana, ben, eve] = await Promise.all(["ana", "ben", "eve"].map(Person.signIn));
      message = await ana.ok("POST", root, { receiver: ben.id, content: "Untouched." });
    });

    const every = [
      ["POST", ""],
      ["GET", ""],
      ["PATCH", ""],
      ["POST", "/search"],
      ["GET", `/${NOBODY}`],
      ["DELETE", `/${NOBODY}`],
      ["PATCH", `/${NOBODY}/read`],
    ];

    test("authentication", async () => {
      const says = payload(ana.token);
      const hour = 3600;
      const forged = sign(says, "another secret that is long enough to sign with");
      const unsigned = sign(says, "", "none");
      const expired = sign({ ...says, iat: says.iat - 2 * hour, exp: says.iat - hour }, secret);
      for (const [method, path] of every) {
        for (const [token, text] of [
          [undefined, "Authentication required"],
          ["nonsense", "Invalid token"],
          [forged, "Invalid token"],
          [unsigned, "Invalid token"],
          [expired, "Token expired"],
        ]) {
          assertError(await call(method, root + path, { token }), 401, text);
        }
      }
    });

    test("validation of a new message, in the order that C13 gives", async () => {
      const before = (await ana.ok("GET", root)).length;
      for (const [body, status, text] of [
        [undefined, 400, "Message data are required"],
        [{}, 400, "Message data are required"],
        [{ content: "hi" }, 400, "Receiver is required"],
        [{ receiver: "" }, 400, "Receiver is required"],
        [{ receiver: ben.id }, 400, "Content is required"],
        [{ receiver: ben.id, content: " \n\t" }, 400, "Content is required"],
        [{ receiver: ana.id, content: "hi" }, 400, "Cannot send message to yourself"],
        [{ receiver: NOBODY, content: "hi" }, 404, "User not found"],
        [{ receiver: { $ne: null }, content: "hi" }, 400, undefined],
        [{ receiver: ben.id, content: { $gt: "" } }, 400, undefined],
        [{ receiver: ben.id, content: "x".repeat(10_001) }, 400, undefined],
        ["{not json", 400, undefined],
        [JSON.stringify({ receiver: ben.id, content: "x".repeat(70_000) }), 413, undefined],
      ]) {
        assertError(await ana.call("POST", root, body), status, text);
      }
      const form = { token: ana.token, body: "receiver=1", headers: { "Content-Type": "text/plain" } };
      assertError(await call("POST", root, form), 415);
      assert.equal((await ana.ok("GET", root)).length, before, "nothing was stored");
    });

    test("validation of a change", async () => {
      for (const [body, status, text] of [
        [undefined, 400, "Message ID is required"],
        [{ content: "hi" }, 400, "Message ID is required"],
        [{ _id: message._id }, 400, "Message data are required"],
        [{ _id: message._id, content: " " }, 400, "Content is required"],
        [{ _id: NOBODY, content: "hi" }, 404, "Message not found"],
        [{ _id: { $gt: "" }, content: "hi" }, 400, undefined],
      ]) {
        assertError(await ana.call("PATCH", root, body), status, text);
      }
    });

    test("who may do what", async () => {
      const { _id } = message;
      const read = "Unauthorized to mark this message as read";
      for (const [person, method, path, body, status, text] of [
        [ana, "PATCH", `/${_id}/read`, undefined, 403, read],
        [ana, "PATCH", "", { _id, isRead: true }, 403, read],
        [ben, "PATCH", "", { _id, content: "Mine now." }, 403, undefined],
        [ben, "DELETE", `/${_id}`, undefined, 403, undefined],
        [eve, "GET", `/${_id}`, undefined, 404, "Message not found"],
        [eve, "PATCH", `/${_id}/read`, undefined, 404, "Message not found"],
        [eve, "PATCH", "", { _id, content: "Mine now." }, 404, "Message not found"],
        [eve, "DELETE", `/${_id}`, undefined, 404, "Message not found"],
        [eve, "POST", "/search", { _id }, 404, "Message not found"],
        [ana, "GET", `/${NOBODY}`, undefined, 404, "Message not found"],
        [ana, "PATCH", `/${NOBODY}/read`, undefined, 404, "Message not found"],
        [ana, "DELETE", `/${NOBODY}`, undefined, 404, "Message not found"],
        [ana, "GET", "/not-an-id", undefined, 400, undefined],
        [ana, "DELETE", "/$where", undefined, 400, undefined],
      ]) {
        assertError(await person.call(method, root + path, body), status, text);
      }
      const untouched = (await ana.ok("GET", root)).find((one) => one._id === _id);
      assert.equal(untouched.content, "Untouched.");
      assert.equal(untouched.isRead, false);
    });

    test("operators that a search does not know are named", async () => {
      for (const [filter, named] of [
        [{ $where: "1" }, "$where"],
        [{ content: { $regex: "." } }, "$regex"],
        [{ sender: { $ne: null } }, "$ne"],
        [{ password: "x" }, "password"],
      ]) {
        const answer = await ana.call("POST", `${root}/search`, filter);
        assertError(answer, 400);
        assert.ok(answer.body.error.includes(named), `${answer.body.error} names ${named}`);
      }
    });

    test("unknown routes and methods", async () => {
      assertError(await ana.call("GET", `${root}/${NOBODY}/unknown`), 404);
      assertError(await ana.call("PUT", root, { content: "hi" }), 405);
    });
  });
}
