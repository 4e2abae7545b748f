import { lazy } from 'react';
import { withTexts } from '@shared/i18n';
import { useApplies } from '@shared/session';

const Review = lazy(async () => ({ default: (await import('@features/applications/Review')).Review }));
const Track = lazy(withTexts('portal', async () => ({ default: (await import('@features/portal/Track')).Track })));

/** Where an application stands, for the applicant; its review, for the office. */
export function Application() {
  return useApplies() ? <Track /> : <Review />;
}
