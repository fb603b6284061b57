/** What makes a `<dialog>` a question on top of everything else. */
import type { Attachment } from 'svelte/attachments';
import { keepFocus } from './focus';
import { pushLayer } from './layers';

/** Opens the dialog for as long as it is there; Escape asks `close`, and the focus goes back to where it was. */
export function modal(close: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const giveBack = keepFocus();
    dialog.showModal();
    const pop = pushLayer(close);
    // The layers close it, so that one press of Escape closes one thing.
    const stay = (event: Event) => {
      event.preventDefault();
    };
    dialog.addEventListener('cancel', stay);
    return () => {
      dialog.removeEventListener('cancel', stay);
      pop();
      giveBack();
    };
  };
}

/** Whether a dialog is open, on top of which nothing else starts. */
export function modalOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
