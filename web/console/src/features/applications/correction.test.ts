import { expect, it } from 'vitest';
import { fieldOf } from './correction';

it('a pointer leads into the field at its beginning', () => {
  expect(['/sites/0/approved_kw', '/fee_document', 'sites', '/'].map(fieldOf)).toEqual(['sites', 'fee_document', 'sites', '']);
});
