/** A server's address for people. */

/** Host and port of an address, as people call a server that has no name. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}

/** Whether what is sent to this address can be read on the way: plain HTTP to another machine. */
export function isUnencrypted(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'http:') return false;
  return !/^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(parsed.hostname);
}
