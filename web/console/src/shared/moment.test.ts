import { describe, expect, it } from 'vitest';
import { addressOf, isPast, keyOf, momentSearch, withoutCommands } from './moment';

const march = '2026-03-12T09:00:00.000Z';

describe('the moment of an address', () => {
  it('takes instants and drops everything else', () => {
    expect(momentSearch({ as_at: march, known_at: 'yesterday', q: 'x' })).toEqual({ as_at: march });
    expect(isPast(momentSearch({ as_at: 'then' }))).toBe(false);
    expect(isPast(momentSearch({ known_at: march }))).toBe(true);
  });

  it('keeps what was read at one moment apart from what was read at another', () => {
    const keys = [{}, { as_at: march }, { known_at: march }, { as_at: march, known_at: march }].map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('goes along with every read but those about now', () => {
    const url = 'http://x/v1/licenses?state=active';
    expect(addressOf(url, '/v1/licenses', { as_at: march })).toBe(`${url}&as_at=2026-03-12T09%3A00%3A00.000Z`);
    expect(addressOf(url, '/v1/licenses', {})).toBe(url);
    expect(addressOf('http://x/v1/session', '/v1/session', { as_at: march })).toBe('http://x/v1/session');
  });

  it('leaves nothing to be done in the past', () => {
    expect(withoutCommands({ items: [{ id: '1', allowed: ['confirm'], note: { allowed: ['x'] } }] })).toEqual({ items: [{ id: '1', allowed: [], note: { allowed: [] } }] });
  });
});
