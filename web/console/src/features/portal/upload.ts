import { newKey } from '@shared/api/client';
import { ApiProblem, problemOf } from '@shared/api/problem';
import { currentLanguage, textOfProblem } from '@shared/i18n';
import type { Attachment } from './api';

export const MOST_BYTES = 20 * 1024 * 1024;

const types = [
  { endings: ['pdf'], magic: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { endings: ['jpg', 'jpeg'], magic: [0xff, 0xd8, 0xff] },
  { endings: ['png'], magic: [0x89, 0x50, 0x4e, 0x47] },
] as const;

/** What the file dialog offers. */
export const accepted = '.pdf,.jpg,.jpeg,.png';

/** Why a file cannot be attached, as far as its name, size and first bytes show; the server looks at the rest. */
export function refusalOf(name: string, size: number, head: Uint8Array): 'empty' | 'tooLarge' | 'type' | 'content' | undefined {
  if (size === 0) return 'empty';
  if (size > MOST_BYTES) return 'tooLarge';
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const type = types.find((one) => (one.endings as readonly string[]).includes(ending));
  if (!type) return 'type';
  return type.magic.every((byte, i) => head[i] === byte) ? undefined : 'content';
}

const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The SHA-256 of a file; undefined where the browser has none, as on a plain http address. */
export async function digestOf(file: Blob): Promise<string | undefined> {
  return 'subtle' in crypto ? hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())) : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Sends a file. Unlike fetch, this tells how far it has come, from 0 to 1. */
export function send(application: string, requirement: string, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/v1/applications/${encodeURIComponent(application)}/attachments?${new URLSearchParams({ requirement, name: file.name }).toString()}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', currentLanguage());
    request.setRequestHeader('Idempotency-Key', newKey());
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(body as Attachment);
      else reject(problemOf(body, request.status, textOfProblem));
    };
    request.onerror = () => reject(new ApiProblem({ code: 'unreachable' }, 0));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
