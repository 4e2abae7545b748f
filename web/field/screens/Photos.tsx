import type { VisitScreen } from '../app/App';
import { own, t } from '../app/text';
import { Outcome, Screen, StateWord } from '../app/ui';
import { PhotoButton } from './PhotoButton';

/** The shots that the visit demands, and any others. */
export function Photos({ open }: VisitScreen) {
  const { pack, visit, id } = open;
  return (
    <Screen title={t('photos.title')} sub={t('photos.sub')} back={`#/visit/${id}`} foot={<a className="button" href={`#/visit/${id}/readings`}>{t('next')}</a>}>
      <Outcome open={open} />
      {[...(pack.shots ?? []), { id: '', title: null, required: false }].map((shot) => {
        const title = shot.title ? own(shot.title) : t('photos.other');
        const taken = visit.photos.some((photo) => photo.shot === shot.id);
        return (
          <fieldset key={shot.id}>
            <legend>{title}</legend>
            {shot.required && <p><StateWord tone={taken ? 'ok' : 'stop'}>{t(taken ? 'photos.taken' : 'photos.required')}</StateWord></p>}
            <PhotoButton open={open} shot={shot.id} label={t('photos.take')} about={title} />
          </fieldset>
        );
      })}
    </Screen>
  );
}
