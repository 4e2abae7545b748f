import { lazy } from 'react';
import { withTexts } from '@shared/i18n';
import { useApplies } from '@shared/session';

const Queue = lazy(async () => ({ default: (await import('@features/applications/Queue')).Queue }));
const Home = lazy(withTexts('portal', async () => ({ default: (await import('@features/portal/Home')).Home })));
const NoticesBand = lazy(async () => ({ default: (await import('@features/notices/NoticesBand')).NoticesBand }));

/** The applicant's own applications, or the office's queue. */
export function Applications() {
  return useApplies() ? (
    <>
      <NoticesBand />
      <Home />
    </>
  ) : (
    <Queue />
  );
}
