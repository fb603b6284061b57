/** What kind of device this is, as the webview tells it. */

/** Whether this is a phone or a tablet: no tray, no windows, nothing that starts on its own. */
export function isPhone(agent: string = navigator.userAgent): boolean {
  return /Android|iPhone|iPad/.test(agent);
}
