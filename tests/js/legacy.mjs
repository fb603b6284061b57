// The document's own client: a socket without a token that joins its user's room after connecting. The server takes
// it only when it is started with `--legacy-sockets`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Listener, Person, assertHas, transports } from "./client.mjs";

for (const transport of transports) {
  test(`the document's client, over ${transport.join(", then ")}`, async () => {
    const [ana, ben] = await Promise.all(["ana", "ben"].map(Person.signIn));
    const [toAna, toBen] = await Promise.all([
      Listener.open({ transports: transport }),
      Listener.open({ transports: transport }),
    ]);
    // The document's server answers nothing to a join, so nothing is waited for here but the join itself.
    toAna.socket.emit("join", ana.id);
    toBen.socket.emit("join", ben.id);
    await Promise.all([toAna.hear("joined"), toBen.hear("joined")]);

    const message = await ana.ok("POST", "/api/message", { receiver: ben.id, content: "Hello from client!" });
    assertHas(await toBen.hear("newMessage"), {
      _id: message._id,
      sender: { firstName: ana.user.firstName },
      content: "Hello from client!",
    });
    assertHas(await toAna.hear("messageSent"), { _id: message._id });

    await ben.ok("PATCH", `/api/message/${message._id}/read`);
    assertHas(await toAna.hear("messageRead"), { messageId: message._id, isRead: true });
    await toBen.hear("conversationRead");
    assert.deepEqual(toBen.names(), []);
    toAna.close();
    toBen.close();
  });
}
