import { ActionIcon, Button, TextInput } from '@mantine/core';
import { useTexts } from '@shared/i18n';
import { Kw } from '@ui/values';
import { blankLine, emptyLine, equipmentKw, pastedLines, places, type LineAnswer } from '../answers';
import { fieldId } from '../questions';
import classes from '../portal.module.css';
import { replaced, type QuestionProps } from './parts';

/** The rigs by model; rows copied from a spreadsheet can be pasted. */
export function Equipment({ answers, edit, bad }: QuestionProps) {
  const { t } = useTexts();
  const lines = answers.equipment.length > 0 ? answers.equipment : [emptyLine()];
  const sent = places(lines, blankLine);
  const change = (index: number, part: Partial<LineAnswer>) => edit({ equipment: replaced(lines, index, part) });
  const paste = (index: number) => (event: React.ClipboardEvent) => {
    const rows = pastedLines(event.clipboardData.getData('text/plain'));
    if (!rows) return;
    event.preventDefault();
    edit({ equipment: [...lines.slice(0, index), ...rows, ...lines.slice(index + 1)] });
  };
  const wrong = bad('/equipment');
  return (
    <>
      {wrong ? <p className={classes.error}>{wrong}</p> : null}
      <p className={classes.hint}>{t('portal.equipment.paste')}</p>
      {lines.map((line, index) => {
        const place = sent[index] ?? (index === 0 ? 0 : undefined);
        const at = (name: string) => (place === undefined ? { id: `equipment-${index}-${name}` } : { id: fieldId(`/equipment/${place}/${name}`), error: sent[index] === undefined ? undefined : bad(`/equipment/${place}/${name}`) });
        return (
          <div key={index} id={index === 0 ? fieldId('/equipment') : undefined} tabIndex={-1} className={classes.line}>
            <TextInput {...at('manufacturer')} label={t('form.manufacturer')} value={line.manufacturer} onPaste={paste(index)} onChange={(event) => change(index, { manufacturer: event.currentTarget.value })} />
            <TextInput {...at('model')} label={t('application.model')} value={line.model} onChange={(event) => change(index, { model: event.currentTarget.value })} />
            <TextInput {...at('units')} label={t('application.units')} inputMode="numeric" value={line.units} onChange={(event) => change(index, { units: event.currentTarget.value })} />
            <TextInput {...at('nameplate_kw')} label={t('application.eachKw')} inputMode="decimal" value={line.kw} onChange={(event) => change(index, { kw: event.currentTarget.value })} />
            {lines.length > 1 ? (
              <ActionIcon variant="subtle" color="gray" size={36} aria-label={t('form.removeLine', { number: index + 1 })} onClick={() => edit({ equipment: lines.filter((_, i) => i !== index) })}>
                ×
              </ActionIcon>
            ) : null}
          </div>
        );
      })}
      <div className={classes.row}>
        <Button variant="default" onClick={() => edit({ equipment: [...lines, emptyLine()] })}>
          {t('form.addLine')}
        </Button>
        <span className={classes.sum}>
          {t('form.equipmentTotal')} <Kw value={equipmentKw(answers)} />
        </span>
      </div>
    </>
  );
}
