import { powerOf, type Field } from '@shared/table';
import type { CheckInput } from './api';

export const MOST = 1000;

/** The columns of a table of checks, with what utilities write above them. */
export const checkFields: readonly Field[] = [
  { name: 'reference', words: ['номер', '№', 'наряд', 'номер наряда', 'тапсырма', 'жұмыс тапсырмасы', 'work order', 'ref'] },
  { name: 'connection_point', needed: true, words: ['код', 'точка подключения', 'точка присоединения', 'код точки', 'қосылу нүктесі', 'нүкте коды', 'point', 'code', 'cp'] },
  { name: 'applicant', needed: true, words: ['бин', 'иин', 'бин/иин', 'иин/бин', 'потребитель', 'заявитель', 'бсн', 'жсн', 'бсн/жсн', 'тұтынушы', 'bin', 'iin', 'bin/iin', 'consumer'] },
  { name: 'license', words: ['лицензия', 'номер лицензии', 'лицензия нөмірі', 'licence', 'license number'] },
  { name: 'requested_kw', needed: true, words: ['квт', 'мощность', 'мощность квт', 'запрошено квт', 'қуат', 'қуаты', 'қуат квт', 'kw', 'power', 'power kw', 'requested'] },
  { name: 'purpose', words: ['цель', 'назначение', 'мақсаты', 'мақсат'] },
  { name: 'event', words: ['событие', 'вид', 'что делается', 'оқиға', 'түрі'] },
];

const purposes: Record<string, CheckInput['purpose']> = { mining: 'mining', майнинг: 'mining', other: 'other', иное: 'other', другое: 'other', басқа: 'other', unknown: 'unknown', неизвестно: 'unknown', белгісіз: 'unknown' };
const events: Record<string, CheckInput['event']> = {
  new_connection: 'new_connection', new: 'new_connection', новое: 'new_connection', 'новое подключение': 'new_connection', жаңа: 'new_connection', 'жаңа қосылу': 'new_connection',
  reconnection: 'reconnection', повторное: 'reconnection', 'повторное подключение': 'reconnection', 'қайта қосу': 'reconnection',
  uprate: 'uprate', увеличение: 'uprate', 'увеличение мощности': 'uprate', 'қуатты арттыру': 'uprate',
  change_of_consumer: 'change_of_consumer', 'смена потребителя': 'change_of_consumer', 'тұтынушының ауысуы': 'change_of_consumer',
};

export interface Line {
  line: number;
  check: CheckInput;
  wrong: string[];
}

/** A check from the cells of a row, with what is wrong with it. What is empty is mining at a new connection. */
export function lineOf({ line, values }: { line: number; values: Record<string, string> }): Line {
  const cell = (name: string) => (values[name] ?? '').trim();
  const wrong: string[] = [];
  const kw = powerOf(cell('requested_kw'));
  const purpose = cell('purpose') === '' ? 'mining' : purposes[cell('purpose').toLocaleLowerCase()];
  const event = cell('event') === '' ? 'new_connection' : events[cell('event').toLocaleLowerCase()];
  const applicant = cell('applicant').replace(/[\s-]/g, '');
  if (cell('connection_point') === '' || cell('connection_point').length > 64) wrong.push('point');
  if (!/^\d{12}$/.test(applicant)) wrong.push('applicant');
  if (kw === undefined || kw <= 0) wrong.push('kw');
  if (!purpose) wrong.push('purpose');
  if (!event) wrong.push('event');
  const license = cell('license').replace(/\s/g, '').toUpperCase();
  return {
    line,
    wrong,
    check: {
      reference: cell('reference') || `L${line}`,
      connection_point: cell('connection_point').toUpperCase(),
      applicant,
      ...(license ? { license } : {}),
      requested_kw: kw ?? 0,
      purpose: purpose ?? 'unknown',
      event: event ?? 'new_connection',
    },
  };
}
