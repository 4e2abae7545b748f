import type { Client } from 'openapi-fetch';
import { currentLanguage, textOfProblem } from '../i18n';
import { addressOf, currentMoment, isPast, withoutCommands } from '../moment';
import { problemOf } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** A client-made key, also where randomUUID is missing (plain http on a local network). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Options {
  params?: { path?: Record<string, string | number>; query?: Record<string, unknown>; header?: Record<string, unknown> };
  headers?: Record<string, string>;
  body?: unknown;
  parseAs?: 'blob';
}

/** The pairs that say something, as texts: what is undefined stays out. */
const said = (values: Record<string, unknown> = {}): [string, string][] => Object.entries(values).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]]));

function targetOf(path: string, { params }: Options): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.path?.[name])));
  const query = new URLSearchParams(said(params?.query)).toString();
  return new URL(query ? `${filled}?${query}` : filled, location.href).href;
}

async function bodyOf(response: Response, as: Options['parseAs']): Promise<unknown> {
  if (response.ok && as === 'blob') return response.blob();
  const raw = await response.text();
  try {
    return raw ? JSON.parse(raw) : undefined;
  } catch (error) {
    if (response.ok) throw error;
    return raw; // a refusal of something before the API, such as a proxy
  }
}

const command = (method: string) => async (path: string, options: Options = {}) => {
  const { params, headers, body, parseAs } = options;
  const target = targetOf(path, options);
  // Reads are of the moment that the page shows.
  const response = await fetch(method === 'GET' ? addressOf(target, path, currentMoment()) : target, {
    method,
    credentials: 'same-origin',
    headers: { 'Accept-Language': currentLanguage(), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers, ...Object.fromEntries(said(params?.header)) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await bodyOf(response, parseAs);
  if (!response.ok) return { error: answer, response };
  return { data: method === 'GET' && isPast(currentMoment()) ? withoutCommands(answer) : answer, response };
};

/** The API, typed by its OpenAPI document. The session cookie goes along by itself. */
export const api = { GET: command('GET'), POST: command('POST'), PUT: command('PUT'), PATCH: command('PATCH'), DELETE: command('DELETE') } as unknown as Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>;

/** The body of an answer, or an ApiProblem thrown. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(error, response.status, textOfProblem);
  return data as T;
}
