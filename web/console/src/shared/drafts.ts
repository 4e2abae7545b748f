/** Where what was typed into a draft is kept on this device until the server has it. */

const PREFIX = 'rigistry.draft.';

/** The key of somebody's draft of an application. */
export const draftKey = (user: string, application: string) => `${PREFIX}${user}.${application}`;

/** Forgets every draft that is kept here: whoever signs out leaves nothing behind. */
export function forgetDrafts(storage: Storage = localStorage): void {
  for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
}
