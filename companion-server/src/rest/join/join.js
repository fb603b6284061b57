// The page behind an invitation's link. The code is in the fragment of the address; it is sent to this server alone.
'use strict';

const FIELDS = ['firstName', 'lastName', 'email', 'userName', 'password'];
const ROLES = { admin: 'an administrator', coordinator: 'a coordinator', student: 'a student' };
const OFFLINE = 'The server can’t be reached. Check your connection and try again.';

const find = (id) => document.getElementById(id);
const code = fragment();
// The server's address is what stands before the page's own name.
const server = new URL('.', location.href);

/** What the link says after its `#`. What some program has broken on the way is no code, and the server says so. */
function fragment() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Shows one of the page's sections and tells it to those who don't see it. */
function show(id) {
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== id;
  find(id).querySelector('h1').focus();
}

/** Asks the server; answers `{ok, status, body}`, or `null` where it can't be reached. */
async function ask(path, body, token) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const response = await fetch(new URL(path, server), { method: 'POST', headers, body: JSON.stringify(body) });
    return { ok: response.ok, status: response.status, body: await response.json() };
  } catch {
    return null;
  }
}

function refuse(text, mayHelp) {
  find('reason').textContent = text;
  find('again').hidden = !mayHelp;
  show('refused');
}

async function check() {
  if (code === '') return refuse('The link is not complete: its end is missing. Open it again as you were sent it.', false);
  show('checking');
  const answer = await ask('api/invite/check', { inviteCode: code });
  if (answer === null) return refuse(OFFLINE, true);
  if (!answer.ok) {
    const mayHelp = answer.status === 429 || answer.status >= 500;
    return refuse(mayHelp ? answer.body.error : `${answer.body.error}. Ask whoever invited you for a new one.`, mayHelp);
  }
  const until = new Date(answer.body.expiresAt).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' });
  for (const place of document.querySelectorAll('[data-server]')) place.textContent = answer.body.serverName;
  document.title = `Invitation to ${answer.body.serverName}`;
  find('terms').textContent = `You join as ${ROLES[answer.body.role] ?? answer.body.role}. The invitation is good until ${until}.`;
  show('offer');
}

function clear() {
  find('failure').hidden = true;
  for (const name of FIELDS) {
    find(name).removeAttribute('aria-invalid');
    find(`${name}-error`).hidden = true;
  }
}

/** Puts what the server says beside the field that it names. */
function tell(text) {
  const lower = text.toLowerCase();
  const name = lower.includes('user name') ? 'userName'
    : lower.includes('e-mail') ? 'email'
    : FIELDS.find((field) => text.startsWith(field));
  if (name === undefined) {
    find('failure').textContent = text;
    find('failure').hidden = false;
    return;
  }
  const label = document.querySelector(`label[for="${name}"]`).firstChild.textContent.trim();
  const error = find(`${name}-error`);
  error.textContent = text.startsWith(name) ? label + text.slice(name.length) : text;
  error.hidden = false;
  const input = find(name);
  const hint = find(`${name}-hint`) ? `${name}-hint ` : '';
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', `${hint}${name}-error`);
  input.focus();
}

async function register(event) {
  event.preventDefault();
  clear();
  const form = { inviteCode: code };
  for (const name of FIELDS) form[name] = find(name).value;
  find('submit').disabled = true;
  const answer = await ask('api/auth/register', form);
  find('submit').disabled = false;
  if (answer === null) return tell(OFFLINE);
  if (!answer.ok) return tell(answer.body.error);
  // The app makes a session of its own; this one is not needed.
  const { user, accessToken } = answer.body.data;
  ask('api/auth/logout', {}, accessToken);
  find('form').reset();
  history.replaceState(null, '', location.pathname);
  find('address').textContent = server.href.replace(/\/$/, '');
  find('name').textContent = user.userName;
  show('done');
}

async function copy() {
  try {
    await navigator.clipboard.writeText(find('address').textContent);
    find('copied').textContent = 'The address is copied.';
  } catch {
    getSelection().selectAllChildren(find('address'));
    find('copied').textContent = 'Your browser does not let this page copy. The address is marked: copy it by hand.';
  }
}

find('form').addEventListener('submit', register);
find('copy').addEventListener('click', copy);
find('again').addEventListener('click', check);
addEventListener('hashchange', () => location.reload());
check();
