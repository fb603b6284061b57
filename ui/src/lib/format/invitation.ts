/** Invitations, as people get them: a link such as `https://chat.school.edu/join#CODE`. */

/** What an invitation link says: where to register, and with which code. */
export interface Invitation {
  readonly server: string;
  readonly code: string;
}

/** Reads an invitation link; `null` for anything else, such as a server's address. */
export function invitationOf(text: string): Invitation | null {
  const [address, code] = text.trim().split('#', 2);
  const server = address?.replace(/\/join\/?$/, '');
  if (server === undefined || server === address || server === '') return null;
  return code === undefined || code === '' ? null : { server, code };
}

/** The code of what somebody was sent, the whole link or the code alone. */
export function invitationCode(text: string): string {
  return invitationOf(text)?.code ?? text.trim();
}
