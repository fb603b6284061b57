// Who may listen: tokens in the handshake, and other people's rooms (C12).

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Person, assertHas, payload, refusal, required, sign, transports } from "./client.mjs";

const secret = required("JWT_SECRET");

for (const transport of transports) {
  describe(`over ${transport.join(", then ")}`, () => {
    let ana, ben, eve;

    before(async () => {
      [ana, ben, eve] = await Promise.all(["ana", "ben", "eve"].map(Person.signIn));
    });

    test("a socket without a good token is refused with the documented text", async () => {
      const says = payload(ana.token);
      const past = { ...says, iat: says.iat - 7200, exp: says.iat - 3600 };
      for (const [auth, text] of [
        [undefined, "Authentication required"],
        [{}, "Authentication required"],
        [{ token: "nonsense" }, "Invalid token"],
        [{ token: sign(says, "another secret that is long enough to sign with") }, "Invalid token"],
        [{ token: sign(says, "", "none") }, "Invalid token"],
        [{ token: { $ne: null } }, "Authentication required"],
        [{ token: sign(past, secret) }, "Token expired"],
      ]) {
        assert.equal(await refusal({ transports: transport, auth }), text, JSON.stringify(auth));
      }
    });

    test("the token may come in a header", async () => {
      const listener = await ana.listen({
        transports: transport,
        auth: undefined,
        extraHeaders: { Authorization: `Bearer ${ana.token}` },
      });
      listener.socket.emit("join", ana.id);
      assertHas(await listener.hear("joined"), { userId: ana.id });
      listener.close();
    });

    test("nobody joins another's room, nor is heard there", async () => {
      const toEve = await eve.listen({ transports: transport });
      const toAna = await ana.listen({ transports: transport });
      for (const room of [ana.id, [ana.id], { userId: ana.id }, null, ""]) {
        toEve.socket.emit("join", room);
        const refused = await toEve.hear("error");
        assert.equal(typeof refused.message, "string");
      }
      await ben.ok("POST", "/message", { receiver: ana.id, content: "For Ana alone." });
      assertHas(await toAna.hear("newMessage"), { content: "For Ana alone." });
      await eve.ok("GET", "/message");
      await toEve.hear("messagesFetched");
      assert.deepEqual(toEve.names(), []);
      toEve.close();
      toAna.close();
    });

    test("one person's devices all hear", async () => {
      const devices = await Promise.all([1, 2, 3].map(() => ben.listen({ transports: transport })));
      const { _id } = await ana.ok("POST", "/message", { receiver: ben.id, content: "On every device." });
      for (const device of devices) {
        assertHas(await device.hear("newMessage"), { _id });
        device.close();
      }
    });
  });
}
