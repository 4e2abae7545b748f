import { Button } from '@mantine/core';
import { number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Identifier, Instant } from '@ui/values';
import type { Photo } from './api';
import classes from './Inspections.module.css';

/** What the check measured, with its unit; the code says which. */
function useAmount() {
  const { t, language } = useTexts();
  return ({ code, amount }: Photo['flags'][number]): string => {
    if (!amount) return '';
    if (code === 'far_from_site' || code === 'exif_place') return t('inspection.amount.metres', { n: number(amount, 0, language) });
    if (code === 'impossible_travel') return t('inspection.amount.kmh', { n: number(amount * 3.6, 0, language) });
    if (code === 'exif_time' || code === 'before_visit') return t('inspection.amount.minutes', { n: number(Math.abs(amount) / 60, 0, language) });
    return '';
  };
}

function One({ photo }: { photo: Photo }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const amountOf = useAmount();
  const opens = useCan()('evidence.read');
  return (
    <li>
      <strong>{photo.shot ? text('inspection.shot', photo.shot) : t('inspection.photo')}{photo.rack ? ` · ${photo.rack}` : ''}</strong>
      {photo.flags.length === 0 ? <StateMark tone="ok" label={t('inspection.checksPassed')} /> : null}
      {photo.flags.map((flag) => (
        <span key={`${flag.code} ${flag.other ?? ''}`}>
          <StateMark tone={flag.code === 'gallery' || flag.code === 'no_place' ? 'stop' : 'refuse'} label={t(`inspection.check.${flag.code}`)} />{' '}
          <span className="small">{t(`inspection.checkWhy.${flag.code}`)} {amountOf(flag)}</span>
          {flag.other ? <span className="small mono"> {flag.other}</span> : null}
        </span>
      ))}
      {photo.note ? <span className={classes.words}>{photo.note}</span> : null}
      <span className="small muted">
        <Instant at={photo.at} /> · {t('inspection.atServer')}: <Instant at={photo.received_at} />
        {photo.lat !== undefined && photo.lon !== undefined ? <> · <span className="num">{photo.lat.toFixed(5)}, {photo.lon.toFixed(5)}{photo.accuracy_m ? ` ± ${number(photo.accuracy_m, 0, language)} m` : ''}</span></> : null}
      </span>
      <span className="small muted">SHA-256 <Identifier value={photo.sha256} shorten="middle" /></span>
      {photo.there && opens ? (
        <div className={classes.buttons}>
          <Button component="a" size="xs" variant="default" href={`/v1/evidence/${photo.sha256}`} target="_blank" rel="noreferrer">{t('inspection.openOriginal')}</Button>
        </div>
      ) : null}
      {photo.custody.length > 0 ? (
        <details>
          <summary>{t('inspection.custody')} <span className="num">{photo.custody.length}</span></summary>
          <ul className={classes.list}>
            {photo.custody.map((hand) => (
              <li key={hand.entry}>
                <span className="small">{t(`inspection.hand.${hand.act}`)}{hand.purpose ? `: ${hand.purpose}` : ''}</span>
                <span className="small muted">{hand.by_name ? `${hand.by_name}, ` : ''}<Instant at={hand.at} /></span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  );
}

/** The photos of the visit: what the checks found, why it matters, and in whose hands each original was. */
export function Photos({ photos }: { photos: readonly Photo[] }) {
  const { t } = useTexts();
  const doubtful = photos.filter(({ flags }) => flags.length > 0).length;
  return (
    <Section title={t('inspection.photos')} note={photos.length > 0 ? t('inspection.photosNote', { n: photos.length, doubtful }) : undefined}>
      {photos.length === 0 ? (
        <p className="muted">{t('inspection.noPhotos')}</p>
      ) : (
        <>
          <p className="small muted">{t('inspection.openNote')}</p>
          <ul className={classes.list}>
            {photos.map((photo) => <One key={photo.event} photo={photo} />)}
          </ul>
        </>
      )}
    </Section>
  );
}
