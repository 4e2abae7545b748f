import { TextInput } from '@mantine/core';
import { useId } from 'react';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { clientPages } from './api';

/** The id of a grid company. An administrator reads no grid: the companies that have API clients are offered by those. */
export function UtilityField({ value, onChange, error }: { value: string; onChange: (value: string) => void; error?: string | undefined }) {
  const { t } = useTexts();
  const list = useId();
  const { query } = usePages(clientPages);
  const known = new Map((query.data?.items ?? []).flatMap((client) => (client.utility ? [[client.utility, client.name] as const] : [])));
  return (
    <>
      <TextInput label={t('people.utility')} description={t('people.utilityHelp')} list={list} autoComplete="off" value={value} onChange={(event) => onChange(event.currentTarget.value)} error={error} />
      <datalist id={list}>
        {[...known].map(([id, name]) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}
