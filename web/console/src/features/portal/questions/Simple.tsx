import { Radio, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { money, number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { Callout } from '@ui/states';
import { supplies } from '../answers';
import { partyQuery, reasonsQuery, tasksQuery } from '../api';
import { fieldId } from '../questions';
import classes from '../portal.module.css';
import type { QuestionProps } from './parts';

/** Which license is asked for; the kind itself was chosen at the start. */
export function Kind({ answers, edit, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const reasons = useQuery(reasonsQuery).data?.items.filter((item) => item.kind === answers.kind) ?? [];
  return (
    <>
      <p>{t(`portal.kind.${answers.kind}`)}</p>
      {answers.kind === 'issue' ? (
        <Radio.Group label={t('application.subType')} value={answers.subType} onChange={(value) => edit({ subType: value === 'II' ? 'II' : 'I' })} error={bad('/sub_type')}>
          <div className={classes.options}>
            <Radio size="md" value="I" id={fieldId('/sub_type')} label={t('subType.I')} description={t('form.subTypeHelp.I')} />
            <Radio size="md" value="II" label={t('subType.II')} description={t('form.subTypeHelp.II')} />
          </div>
        </Radio.Group>
      ) : (
        <TextInput
          id={fieldId('/base_license')}
          className={classes.short}
          size="md"
          label={t('portal.field.baseLicense')}
          description={t('portal.base.help')}
          value={answers.baseLicense}
          onChange={(event) => edit({ baseLicense: event.currentTarget.value })}
          error={bad('/base_license') ?? bad('/kind') ?? bad('/sub_type')}
        />
      )}
      {reasons.length > 0 ? (
        <Radio.Group label={t('portal.field.reason')} value={answers.reason} onChange={(reason) => edit({ reason })} error={bad('/reason')}>
          <div className={classes.options}>
            {reasons.map((reason, index) => (
              <Radio key={reason.code} size="md" id={index === 0 ? fieldId('/reason') : `${fieldId('/reason')}-${reason.code}`} value={reason.code} label={{ kk: reason.text_kk, ru: reason.text_ru, en: reason.text_en }[language]} description={reason.legal_ref} />
            ))}
          </div>
        </Radio.Group>
      ) : null}
    </>
  );
}

/** Who applies, as the register has it. */
export function Applicant({ application, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const { user } = useSession();
  const party = useQuery(partyQuery(application.applicant)).data;
  const wrong = bad('/applicant');
  return (
    <>
      {wrong ? (
        <p id={fieldId('/applicant')} tabIndex={-1} className={classes.error}>
          {wrong}
        </p>
      ) : null}
      {party ? (
        <dl className={classes.facts}>
          <div>
            <dt>{t('party.name')}</dt>
            <dd>{language === 'kk' ? party.name_kk : party.name_ru}</dd>
          </div>
          <div>
            <dt>{t('party.bin')}</dt>
            <dd className="num">{party.bin_or_iin}</dd>
          </div>
          <div>
            <dt>{t('party.size')}</dt>
            <dd>{t(`partySize.${party.size}`)}</dd>
          </div>
          <div>
            <dt>{t('party.resident')}</dt>
            <dd>{t(party.resident ? 'ui.yes' : 'ui.no')}</dd>
          </div>
          <div>
            <dt>{t('party.address')}</dt>
            <dd>{party.address || '–'}</dd>
          </div>
          <div>
            <dt>{t('party.email')}</dt>
            <dd>{party.email || '–'}</dd>
          </div>
          <div>
            <dt>{t('party.phone')}</dt>
            <dd>{party.phone || '–'}</dd>
          </div>
        </dl>
      ) : null}
      <p className={classes.hint}>{t(user.party ? 'portal.applicant.wrong' : 'portal.applicant.wrongClerk')}</p>
    </>
  );
}

/** In which language the letters come, and anything that has no place elsewhere. */
export function Contact({ answers, edit, bad }: QuestionProps) {
  const { t } = useTexts();
  return (
    <>
      <Radio.Group label={t('application.language')} description={t('portal.contact.help')} value={answers.language} onChange={(value) => edit({ language: value === 'ru' ? 'ru' : value === 'en' ? 'en' : 'kk' })} error={bad('/language')}>
        <div className={classes.options}>
          <Radio size="md" value="kk" id={fieldId('/language')} label={t('language.kk')} />
          <Radio size="md" value="ru" label={t('language.ru')} />
          <Radio size="md" value="en" label={t('language.en')} />
        </div>
      </Radio.Group>
      <Textarea id={fieldId('/note')} size="md" label={t('portal.contact.note')} description={t('portal.optional')} autosize minRows={3} value={answers.note} onChange={(event) => edit({ note: event.currentTarget.value })} error={bad('/note')} />
    </>
  );
}

/** The license and the contract of the host, for sub-type II. */
export function Host({ answers, edit, bad }: QuestionProps) {
  const { t } = useTexts();
  const contract = (change: Partial<typeof answers.contract>) => edit({ contract: { ...answers.contract, ...change } });
  return (
    <>
      <TextInput id={fieldId('/host_license')} className={classes.short} size="md" label={t('portal.field.host')} description={t('form.hostHelp')} value={answers.host} onChange={(event) => edit({ host: event.currentTarget.value })} error={bad('/host_license')} />
      <fieldset className={classes.set}>
        <legend>{t('portal.field.contract')}</legend>
        <TextInput id={fieldId('/host_contract/number')} className={classes.short} size="md" label={t('portal.contract.number')} value={answers.contract.number} onChange={(event) => contract({ number: event.currentTarget.value })} error={bad('/host_contract/number')} />
        <TextInput id={fieldId('/host_contract/date')} className={classes.short} size="md" label={t('portal.contract.date')} description={t('portal.dateHelp')} value={answers.contract.date} onChange={(event) => contract({ date: event.currentTarget.value })} error={bad('/host_contract/date')} />
        <TextInput id={fieldId('/host_contract/until')} className={classes.short} size="md" label={t('portal.contract.until')} description={t('portal.contract.untilHelp')} value={answers.contract.until} onChange={(event) => contract({ until: event.currentTarget.value })} error={bad('/host_contract/until')} />
      </fieldset>
    </>
  );
}

/** Where the power comes from. */
export function Supply({ answers, edit, bad }: QuestionProps) {
  const { t } = useTexts();
  return (
    <Radio.Group aria-label={t('application.supply')} value={answers.supply} onChange={(value) => edit({ supply: supplies.find((basis) => basis === value) ?? '' })} error={bad('/supply_basis')}>
      <div className={classes.options}>
        {supplies.map((basis, index) => (
          <Radio key={basis} size="md" value={basis} id={index === 0 ? fieldId('/supply_basis') : `${fieldId('/supply_basis')}-${basis}`} label={t(`supply.${basis}`)} description={t(`portal.supply.${basis}`)} />
        ))}
      </div>
    </Radio.Group>
  );
}

/** What it costs, reckoned in front of the reader, and how it was paid. */
export function Fee({ application, answers, edit, bad }: QuestionProps) {
  const { t, language } = useTexts();
  const fee = useQuery(tasksQuery(application.id)).data?.fee;
  const tenge = (value: number) => money(Math.round(value * 100), language);
  return (
    <>
      {fee && fee.due_kzt > 0 ? (
        <div className={classes.box}>
          <p>
            <strong className={classes.reference}>{tenge(fee.due_kzt)}</strong>
          </p>
          <p>
            {t('portal.fee.reckoned', { units: number(fee.mci_units, Number.isInteger(fee.mci_units) ? 0 : 2, language), value: tenge(fee.mci_kzt) })}
            <span className={classes.law} lang="ru">{fee.legal_ref}</span>
          </p>
          <p className={classes.hint}>{t('portal.fee.day')}</p>
        </div>
      ) : fee ? (
        <Callout tone="ok">{t('portal.fee.none')}</Callout>
      ) : null}
      <TextInput
        id={fieldId('/fee_paid_kzt')}
        className={classes.short}
        size="md"
        label={t('form.fee')}
        inputMode="decimal"
        value={answers.fee}
        onChange={(event) => edit({ fee: event.currentTarget.value })}
        error={bad('/fee_paid_kzt')}
      />
      {fee && fee.due_kzt > 0 && answers.fee.trim() === '' ? (
        <div>
          <button type="button" className={classes.linkButton} onClick={() => edit({ fee: String(fee.due_kzt) })}>
            {t('portal.fee.exact', { sum: tenge(fee.due_kzt) })}
          </button>
        </div>
      ) : null}
      <TextInput id={fieldId('/fee_document')} className={classes.short} size="md" label={t('portal.field.feeDocument')} description={t('portal.fee.document')} value={answers.feeDocument} onChange={(event) => edit({ feeDocument: event.currentTarget.value })} error={bad('/fee_document')} />
    </>
  );
}
