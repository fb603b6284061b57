import { invoke as __TAURI_INVOKE } from "@tauri-apps/api/core";
import * as __TAURI_EVENT from "@tauri-apps/api/event";

/** Commands */
export const commands = {
	startup: () => typedError<Startup, CommandError>(__TAURI_INVOKE("startup")),
	probeServer: (address: string) => typedError<ServerInfo, CommandError>(__TAURI_INVOKE("probe_server", { address })),
	signIn: (server: string, login: string, password: string) => typedError<Account, CommandError>(__TAURI_INVOKE("sign_in", { server, login, password })),
	register: (server: string, form: Registration) => typedError<Account, CommandError>(__TAURI_INVOKE("register", { server, form })),
	signOut: (keepMessages: boolean) => typedError<null, CommandError>(__TAURI_INVOKE("sign_out", { keepMessages })),
	session: () => typedError<SessionState, CommandError>(__TAURI_INVOKE("session")),
	connection: () => typedError<Connection, CommandError>(__TAURI_INVOKE("connection")),
	conversations: () => typedError<Conversation[], CommandError>(__TAURI_INVOKE("conversations")),
	timeline: (peer: string, anchor: Anchor, limit: number) => typedError<TimelinePage, CommandError>(__TAURI_INVOKE("timeline", { peer, anchor, limit })),
	person: (id: string) => typedError<Person | null, CommandError>(__TAURI_INVOKE("person", { id })),
	people: (query: string) => typedError<People, CommandError>(__TAURI_INVOKE("people", { query })),
	waiting: () => typedError<number, CommandError>(__TAURI_INVOKE("waiting")),
	sendMessage: (peer: string, content: string) => typedError<string, CommandError>(__TAURI_INVOKE("send_message", { peer, content })),
	editMessage: (key: string, content: string) => typedError<null, CommandError>(__TAURI_INVOKE("edit_message", { key, content })),
	deleteMessage: (key: string) => typedError<null, CommandError>(__TAURI_INVOKE("delete_message", { key })),
	markRead: (peer: string, upTo: string) => typedError<null, CommandError>(__TAURI_INVOKE("mark_read", { peer, upTo })),
	retryMessage: (key: string) => typedError<null, CommandError>(__TAURI_INVOKE("retry_message", { key })),
	retryNow: () => typedError<null, CommandError>(__TAURI_INVOKE("retry_now")),
};

/** Events */
export const events = {
	update: makeEvent<Update>("update"),
};

/* Types */
export type Account = { user: Person, userName: string, server: string, serverName: string };
export type Anchor = { at: "newest" } | { at: "before"; position: string } | { at: "after"; position: string } | { at: "from"; position: string };
export type CommandError = { problem: Problem, message: string, details: string | null };
export type Connection = { state: "offline"; host: string; retryAt: string | null; cause: OfflineCause } | { state: "connecting" } | { state: "catchingUp" } | { state: "online"; asOf: string };
export type Conversation = { peer: Person, last: LastMessage | null, unread: number };
export type Problem = { kind: "profileInUse" } | { kind: "profileNewer" } | { kind: "profileFolder"; path: string } | { kind: "diskFull" } | { kind: "storage" } | { kind: "address" } | { kind: "noSuchHost"; host: string } | { kind: "refused"; host: string } | { kind: "timedOut"; host: string } | { kind: "untrusted"; host: string } | { kind: "incompatible"; host: string } | { kind: "failing"; host: string } | { kind: "unreachable"; host: string } | { kind: "unsupported" } | { kind: "credentials" } | { kind: "tooMany"; seconds: number } | { kind: "rejected"; reason: string } | { kind: "otherAccount"; userName: string; server: string } | { kind: "signedIn"; userName: string } | { kind: "signedOut" } | { kind: "blank" } | { kind: "tooLong"; characters: number } | { kind: "toOneself" } | { kind: "outboxFull" } | { kind: "noSuchMessage" } | { kind: "notYours" } | { kind: "internal" };
export type History = "complete" | "loading" | "offline";
export type LastMessage = { preview: string, at: string, mine: boolean, status: Status | null, deleted: boolean };
export type OfflineCause = "noNetwork" | "serverUnreachable" | "serverError";
export type Pending = "edit" | "delete";
export type People = { people: Person[], askedServer: boolean };
export type Person = { id: string, firstName: string, lastName: string, role: Role | null, avatar: string | null };
export type Registration = { userName: string, firstName: string, lastName: string, email: string, password: string };
export type RegistrationMode = "open" | "invite" | "closed" | "unknown";
export type Role = "admin" | "coordinator" | "student";
export type ServerInfo = { url: string, name: string | null, version: string | null, registration: RegistrationMode, supported: boolean };
export type SessionState = { state: "signedOut" } | { state: "signedIn"; account: Account } | { state: "expired"; account: Account };
export type Startup = { keyring: boolean };
export type Status = { state: "waiting" } | { state: "sending" } | { state: "sent" } | { state: "delivered" } | { state: "read" } | { state: "refused"; reason: string } | { state: "held" };
export type TimelineItem = { key: string, position: string, mine: boolean, content: string, sentAt: string, edited: boolean, deleted: boolean, pending: Pending | null, status: Status | null, deliveredAt: string | null, seenAt: string | null, readAt: string | null };
export type TimelinePage = { items: TimelineItem[], hasOlder: boolean, hasNewer: boolean, firstUnread: string | null, history: History };
export type Update = { kind: "session" } | { kind: "connection" } | { kind: "conversations" } | { kind: "timeline"; peer: string } | { kind: "people" } | { kind: "outbox" } | { kind: "everything" };

async function typedError<T, E>(result: Promise<T>): Promise<{ status: "ok"; data: T } | { status: "error"; error: E }> {
    try {
        return { status: "ok", data: await result };
    } catch (e) {
        if (e instanceof Error) throw e;
        return { status: "error", error: e as any };
    }
}

function makeEvent<T>(name: string) {
    return {
        listen: (cb: __TAURI_EVENT.EventCallback<T>) => __TAURI_EVENT.listen(name, cb),
    };
}
