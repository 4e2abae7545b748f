import createClient, { type Middleware } from 'openapi-fetch';
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

const language: Middleware = {
  onRequest({ request }) {
    request.headers.set('Accept-Language', currentLanguage());
    return request;
  },
};

/** Reads are of the moment that the page shows. */
const moment: Middleware = {
  onRequest({ request, schemaPath }) {
    const url = request.method === 'GET' ? addressOf(request.url, schemaPath, currentMoment()) : request.url;
    return url === request.url ? request : new Request(url, request);
  },
  async onResponse({ request, response }) {
    if (request.method !== 'GET' || !isPast(currentMoment()) || !response.headers.get('Content-Type')?.startsWith('application/json')) return response;
    return new Response(JSON.stringify(withoutCommands(await response.json())), response);
  },
};

/** The API, typed by its OpenAPI document. The session cookie goes along by itself. */
export const api = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });
api.use(language, moment);

/** The body of an answer, or an ApiProblem thrown. */
export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(error, response.status, textOfProblem);
  return data as T;
}
