// Which screen stands at which address.
import { Access } from '../screens/Access';
import { Checklist } from '../screens/Checklist';
import { Finish, Protocol } from '../screens/Finish';
import { Help } from '../screens/Help';
import { PermitCheck } from '../screens/PermitCheck';
import { Photos } from '../screens/Photos';
import { Racks } from '../screens/Racks';
import { Readings } from '../screens/Readings';
import { Scan } from '../screens/Scan';
import { Seals } from '../screens/Seals';
import { Sending } from '../screens/Sending';
import { Sign } from '../screens/Sign';
import { SignIn } from '../screens/SignIn';
import { Start } from '../screens/Start';
import { Today } from '../screens/Today';
import { VisitHome } from '../screens/VisitHome';
import { t, useLanguage } from './text';
import { Bar, Note, Screen, Toast } from './ui';
import { type Open, useApp, useRoute, useVisit } from './use';

/** A screen of a visit; rest is what stands behind its name in the address. */
export interface VisitScreen {
  open: Open;
  rest: string[];
}
const visitScreens: Record<string, (props: VisitScreen) => React.JSX.Element> = {
  '': VisitHome, start: Start, checklist: Checklist, scan: Scan, racks: Racks, photos: Photos, readings: Readings, seals: Seals, access: Access,
  permit: PermitCheck, protocol: Protocol, sign: Sign, finish: Finish,
};

export function App() {
  const { person } = useApp();
  const language = useLanguage();
  const [first = '', ...rest] = useRoute();
  // A new language draws everything anew.
  return (
    <div key={language} className="app">
      <Bar />
      {first === 'sending' ? <Sending /> : first === 'help' ? <Help /> : !person ? <SignIn /> : first === 'visit' ? <VisitFrame id={rest[0] ?? ''} rest={rest.slice(1)} /> : <Today />}
    </div>
  );
}

function VisitFrame({ id, rest }: { id: string; rest: string[] }) {
  const open = useVisit(id);
  if (open === undefined) return <main aria-busy="true" />;
  if (open === null)
    return (
      <Screen title={t('visit.noPack.title')} back="#/">
        <Note tone="stop">
          <p>{t('visit.noPack.text')}</p>
        </Note>
      </Screen>
    );
  const [name = '', ...further] = rest;
  const Part = visitScreens[name] ?? VisitHome;
  return (
    <>
      <Part key={rest.join('/')} open={open} rest={further} />
      <Toast open={open} />
    </>
  );
}
