import { lazy, Suspense, useState } from 'react';
import { useTexts } from '@shared/i18n';
import { IconButton } from './Buttons';
import { PastIcon } from './icons';

const AsAtDialog = lazy(() => import('./AsAtDialog'));

/** Opens the choice of the moment that the pages show. */
export function AsAtButton() {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton label={t('asAt.open')} className="no-print" size={36} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <PastIcon />
      </IconButton>
      {open ? (
        <Suspense fallback={null}>
          <AsAtDialog onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
