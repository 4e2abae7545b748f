import { count, kw, money } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { toKilowatts } from '@shared/parse';
import type { Answers, Field } from './answers';
import classes from './portal.module.css';

/** An answer in words; a missing one says so. */
export function useSay() {
  const { t, language } = useTexts();
  const code = useCodeText();
  const none = () => <span className="muted">{t('portal.notAnswered')}</span>;
  const power = (text: string) => (toKilowatts(text) > 0 ? kw(toKilowatts(text), language) : text || '–');
  return (field: Field, answers: Answers): React.ReactNode => {
    switch (field) {
      case 'kind':
        return t(`portal.kind.${answers.kind}`);
      case 'subType':
        return t(`subType.${answers.subType}`);
      case 'reason':
        return answers.reason ? code('portal.reason', answers.reason) : none();
      case 'supply':
        return answers.supply ? t(`supply.${answers.supply}`) : none();
      case 'language':
        return t(`language.${answers.language}`);
      case 'paper':
        return t(answers.paper ? 'ui.yes' : 'ui.no');
      case 'fee':
        return toKilowatts(answers.fee) > 0 ? money(Math.round(toKilowatts(answers.fee) * 100), language) : none();
      case 'sites': {
        const sites = answers.sites.filter((site) => site.site);
        if (sites.length === 0) return none();
        return (
          <ul className={classes.plain}>
            {sites.map((site, index) => (
              <li key={index}>
                <span className="mono">{site.site}</span>: {power(site.kw)}
                {site.points.length > 0 ? <> · <span className="mono">{site.points.join(', ')}</span></> : null}
              </li>
            ))}
          </ul>
        );
      }
      case 'equipment': {
        const lines = answers.equipment.filter((line) => line.manufacturer || line.model);
        if (lines.length === 0) return none();
        return (
          <ul className={classes.plain}>
            {lines.map((line, index) => (
              <li key={index}>
                {line.manufacturer} {line.model}: {toKilowatts(line.units) > 0 ? count(toKilowatts(line.units), language) : line.units || '–'} × {power(line.kw)}
              </li>
            ))}
          </ul>
        );
      }
      case 'contract': {
        const { number, date, until } = answers.contract;
        return number || date ? [number && `№ ${number}`, date, until && `– ${until}`].filter(Boolean).join(' ') : none();
      }
      case 'baseLicense':
      case 'host':
        return answers[field] ? <span className="mono">{answers[field]}</span> : none();
      case 'feeDocument':
      case 'note':
        return answers[field] || none();
    }
  };
}
