// The document's “Complete Messaging Workflow” and every endpoint and event that it names, over each transport and
// under both roots.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Person, assertHas, assertId, assertTime, roots, transports } from "./client.mjs";

for (const root of roots) {
  for (const transport of transports) {
    describe(`${root} over ${transport.join(", then ")}`, () => {
      let ana, ben, eve;
      let toAna, toBen, toEve;

      before(async () => {
        [ana, ben, eve] = await Promise.all(["ana", "ben", "eve"].map(Person.signIn));
        [toAna, toBen, toEve] = await Promise.all([ana, ben, eve].map((person) => person.listen({ transports: transport })));
      });

      after(() => {
        for (const listener of [toAna, toBen, toEve]) listener?.close();
      });

      // Sends a message and takes the two events that belong to it off the listeners.
      async function send(content) {
        const message = await ana.ok("POST", root, { receiver: ben.id, content });
        await Promise.all([toAna.hear("messageSent"), toBen.hear("newMessage")]);
        return message;
      }

      test("1. connect and join one's room", async () => {
        for (const [person, listener] of [[ana, toAna], [ben, toBen], [eve, toEve]]) {
          listener.socket.emit("join", person.id);
          assertHas(await listener.hear("joined"), { userId: person.id });
        }
      });

      test("2. send a message: newMessage reaches the receiver, messageSent the sender", async () => {
        const content = "Hello! How is your OJT going? <b>&amp;</b> 👋🏽 مرحبا";
        const message = await ana.ok("POST", root, { receiver: ben.id, content, isRead: false });
        assertHas(message, {
          _id: assertId,
          sender: ana.id,
          receiver: ben.id,
          content,
          isRead: false,
          sentAt: assertTime,
          createdAt: assertTime,
          updatedAt: assertTime,
        });
        assertHas(await toAna.hear("messageSent"), {
          _id: message._id,
          receiver: ben.id,
          content,
          sentAt: message.sentAt,
        });
        const arrived = await toBen.hear("newMessage");
        assertHas(arrived, {
          _id: message._id,
          sender: { _id: ana.id, firstName: ana.user.firstName, lastName: ana.user.lastName },
          receiver: ben.id,
          content,
          isRead: false,
          sentAt: message.sentAt,
        });
        assert.ok(!JSON.stringify(arrived).includes(ana.user.email), "an event tells nobody's e-mail address");
      });

      test("3. look at a message: messageViewed to the viewer, messageSeen to the sender", async () => {
        const { _id } = await send("Have you seen this?");
        const asSender = await ana.ok("GET", `${root}/${_id}`);
        assertHas(await toAna.hear("messageViewed"), { messageId: _id, viewedAt: assertTime });

        const asReceiver = await ben.ok("GET", `${root}/${_id}`);
        for (const message of [asSender, asReceiver]) {
          assertHas(message, {
            _id,
            sender: { _id: ana.id, firstName: ana.user.firstName, lastName: ana.user.lastName },
            receiver: { _id: ben.id, firstName: ben.user.firstName, lastName: ben.user.lastName },
            content: "Have you seen this?",
            isRead: false,
            sentAt: assertTime,
          });
        }
        assertHas(await toBen.hear("messageViewed"), { messageId: _id, viewedAt: assertTime });
        assertHas(await toAna.hear("messageSeen"), { messageId: _id, seenBy: ben.id, seenAt: assertTime });
      });

      test("4. mark a message as read: messageRead to the sender", async () => {
        const { _id } = await send("Please read this.");
        const read = await ben.ok("PATCH", `${root}/${_id}/read`);
        assertHas(read, {
          _id,
          sender: ana.id,
          receiver: ben.id,
          content: "Please read this.",
          isRead: true,
          sentAt: assertTime,
          updatedAt: assertTime,
        });
        assertHas(await toAna.hear("messageRead"), { messageId: _id, isRead: true });
        // An extension: the reader's own devices are told.
        assertHas(await toBen.hear("conversationRead"), { peerId: ana.id, readAt: assertTime });
      });

      test("list one's messages: messagesFetched to oneself", async () => {
        const mine = await send("Listed.");
        const list = await ben.ok("GET", root);
        assertHas(list.at(-1), {
          _id: mine._id,
          sender: ana.id,
          receiver: ben.id,
          content: "Listed.",
          isRead: false,
          sentAt: mine.sentAt,
        });
        const times = list.map((message) => message.sentAt);
        assert.deepEqual(times, times.toSorted(), "oldest first");
        assertHas(await toBen.hear("messagesFetched"), {
          userId: ben.id,
          messagesCount: list.length,
          fetchedAt: assertTime,
        });
      });

      test("update a message: the sender its content, the receiver whether it is read", async () => {
        const { _id, sentAt } = await send("Hello! How are you doing with your OJT?");
        const content = "Hello! How are you doing with your OJT training?";
        const edited = await ana.ok("PATCH", root, { _id, content });
        assertHas(edited, { _id, sender: ana.id, receiver: ben.id, content, isRead: false, sentAt, updatedAt: assertTime });
        for (const listener of [toAna, toBen]) {
          assertHas(await listener.hear("messageUpdated"), { messageId: _id, content, updatedAt: assertTime });
        }

        const read = await ben.ok("PATCH", root, { _id, content, isRead: true });
        assertHas(read, { _id, content, isRead: true, sentAt, updatedAt: assertTime });
        assertHas(await toAna.hear("messageRead"), { messageId: _id, isRead: true });
        await toBen.hear("conversationRead");
      });

      test("delete a message", async () => {
        const { _id } = await send("Gone soon.");
        assert.equal(await ana.ok("DELETE", `${root}/${_id}`), "Message deleted successfully");
        assert.equal((await ana.call("GET", `${root}/${_id}`)).status, 404);
        for (const listener of [toAna, toBen]) {
          assertHas(await listener.hear("messageDeleted"), { messageId: _id });
        }
      });

      test("search: the newest match of a plain filter, messageSearched to oneself", async () => {
        const word = `needle-${process.pid}-${Math.random()}`;
        await send(`An older ${word}.`);
        const newer = await send(`A newer ${word.toUpperCase()}.`);
        const filter = { content: word, sender: ana.id };
        assertHas(await ben.ok("POST", `${root}/search`, filter), {
          _id: newer._id,
          sender: ana.id,
          receiver: ben.id,
          content: newer.content,
          isRead: false,
          sentAt: newer.sentAt,
        });
        assertHas(await toBen.hear("messageSearched"), {
          userId: ben.id,
          searchQuery: filter,
          resultFound: true,
          searchedAt: assertTime,
        });
      });

      test("the conversation of two people, as the document's getConversation asks for it", async () => {
        const filter = {
          $or: [
            { sender: ana.id, receiver: ben.id },
            { sender: ben.id, receiver: ana.id },
          ],
        };
        const [listed, found] = await Promise.all([ana.ok("GET", root), ana.ok("POST", `${root}/search`, filter)]);
        assert.ok(found.length > 0);
        assert.deepEqual(
          found.map((message) => message._id),
          listed.map((message) => message._id),
        );
        await toAna.hear("messagesFetched");
        const searched = await toAna.hear("messageSearched");
        assert.deepEqual(searched.searchQuery, filter);
        assert.equal(searched.resultFound, true);
      });

      test("nobody else hears anything, and nobody hears anything twice", async () => {
        // Each listens for an event that is sent after all the others.
        for (const [person, listener] of [[ana, toAna], [ben, toBen], [eve, toEve]]) {
          await person.ok("GET", `${root}?limit=1`);
          await listener.hear("messagesFetched");
        }
        // Presence is an extension, and comes when people come and go: to those who share a conversation alone.
        const contract = (listener) => listener.names().filter((name) => name !== "presence");
        assert.deepEqual(toEve.names(), []);
        assert.deepEqual(contract(toAna), []);
        assert.deepEqual(contract(toBen), []);
        assert.deepEqual(await eve.ok("GET", root), []);
      });
    });
  }
}
