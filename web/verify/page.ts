// The page that comes inside an evidence package: choose the file, and read what was checked.
import { Broken, type Progress, readPackageKeys, type Report, verifyPackage } from './package';

const texts = {
  kk: {
    title: 'Дәлелдер пакетін тексеру', choose: 'Пакет файлы (ZIP)', keys: 'Тізілімнің ашық кілттері (jwks.json), бар болса', busy: 'Тексерілуде…',
    ok: 'Бәрі дұрыс: әр байт тізілім қол қойғандай.', bad: 'Дұрыс емес:',
    own: 'Кілттер пакеттің өзінен алынды, олар жалғыз өзі ештеңені дәлелдемейді. {{key}} кілтін тізілім жариялағанмен салыстырыңыз.',
    said: 'Іс {{number}}. Тексерілді: файл {{files}}, журнал жазбасы {{entries}}, далалық оқиға {{events}}, өріс {{fields}}.',
    readings: 'Көрсеткіштер: {{readings}}, мөрленген {{chunks}} ширек сағатта; кестелер олардан қайта жасалып, бірдей шықты. Есептегіш жауап берген {{words}} регистр сөзінен {{given}} мән қайта шығарылды.',
    elsewhere: 'Тағы {{n}} мәннің масштабы басқа регистрлерде тұр.',
    bare: 'Регистрсіз келген көрсеткіштер: {{bare}}; олардың мәндерін қайта шығару мүмкін емес.',
    not: 'Регистрлерден шықпайтын мәндер: {{not}}; белгілі олқылықтарда айтылған.',
    removed: 'Алынып тасталды: {{n}} ({{why}}).',
  },
  ru: {
    title: 'Проверка пакета доказательств', choose: 'Файл пакета (ZIP)', keys: 'Открытые ключи реестра (jwks.json), если есть', busy: 'Проверяется…',
    ok: 'Всё верно: каждый байт таков, каким его подписал реестр.', bad: 'Неверно:',
    own: 'Ключи взяты из самого пакета и сами по себе ничего не доказывают. Сравните ключ {{key}} с опубликованным реестром.',
    said: 'Дело {{number}}. Проверено: файлов {{files}}, записей журнала {{entries}}, полевых событий {{events}}, полей {{fields}}.',
    readings: 'Показаний: {{readings}}, в {{chunks}} опечатанных четвертях часа; таблицы получены из них заново и совпали. Из {{words}} слов регистров, которыми ответил счётчик, заново получено значений: {{given}}.',
    elsewhere: 'Значений, масштаб которых стоит в других регистрах: {{n}}.',
    bare: 'Показаний, пришедших без регистров: {{bare}}; их значения нельзя получить заново.',
    not: 'Значений, которые не следуют из регистров: {{not}}; об этом сказано в известных пробелах.',
    removed: 'Изъято: {{n}} ({{why}}).',
  },
  en: {
    title: 'Check an evidence package', choose: 'File of the package (ZIP)', keys: 'Public keys of the registry (jwks.json), if you have them', busy: 'Checking…',
    ok: 'All holds: every byte is as the registry signed it.', bad: 'This does not hold:',
    own: 'The keys are those in the package itself, which prove nothing alone. Compare the key {{key}} with what the registry publishes.',
    said: 'Case {{number}}. Checked: files {{files}}, entries of the ledger {{entries}}, field events {{events}}, fields {{fields}}.',
    readings: 'Readings: {{readings}}, in {{chunks}} sealed quarters of an hour; the tables were made from them again and are the same. From the {{words}} words of registers that meters answered, {{given}} values were made again.',
    elsewhere: 'Values whose scale stands in other registers: {{n}}.',
    bare: 'Readings that came without registers: {{bare}}; their values cannot be made again.',
    not: 'Values that the registers do not give: {{not}}; the known gaps say so.',
    removed: 'Taken out: {{n}} ({{why}}).',
  },
};
type Words = (typeof texts)['en'];
const languages = ['kk', 'ru', 'en'] as const;

const fill = (t: string, values: Record<string, string | number>) => t.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''));

function element<K extends keyof HTMLElementTagNameMap>(name: K, content = ''): HTMLElementTagNameMap[K] {
  const e = document.createElement(name);
  e.textContent = content;
  return e;
}

let words: Words = texts[languages.find((l) => navigator.language.startsWith(l)) ?? 'kk'];
const chosen: { file?: File; keys?: File } = {};

function picker(label: string, accept: string, chose: (f: File | undefined) => void): HTMLElement {
  const outer = element('p');
  const inner = element('label', `${label} `);
  const input = element('input');
  input.type = 'file';
  input.accept = accept;
  input.addEventListener('change', () => chose(input.files?.[0]));
  inner.append(input);
  outer.append(inner);
  return outer;
}

async function run(result: HTMLElement): Promise<void> {
  const file = chosen.file;
  if (!file) return;
  result.className = '';
  const turn = ++turns;
  const bar = element('progress');
  bar.max = 100;
  bar.setAttribute('aria-label', words.busy);
  result.replaceChildren(element('p', words.busy), bar);
  try {
    const keys = chosen.keys ? readPackageKeys(await chosen.keys.text()) : null;
    const source = { size: file.size, read: async (from: number, length: number) => new Uint8Array(await file.slice(from, from + length).arrayBuffer()) };
    const report = await verifyPackage(source, keys, pace(turn, (percent) => {
      bar.value = percent;
    }));
    show(result, report, keys === null);
  } catch (err) {
    if (err instanceof Overtaken) return;
    result.className = 'bad';
    result.replaceChildren(element('strong', words.bad), element('p', err instanceof Broken ? err.message : String(err)));
  }
}

/** Another file was chosen meanwhile. */
class Overtaken extends Error {}
let turns = 0;

/** Lets the page draw itself, and says how far the check is: the files are the first half of it. */
function pace(turn: number, say: (percent: number) => void): Progress {
  let last = performance.now();
  say(0);
  return (stage, done, of) => {
    if (turn !== turns) throw new Overtaken();
    if (performance.now() - last < 50) return undefined;
    say(Math.floor((stage === 'files' ? 0 : 50) + (50 * done) / of));
    return new Promise((resolve) => {
      setTimeout(() => {
        last = performance.now();
        resolve();
      }, 0);
    });
  };
}

function show(result: HTMLElement, r: Report, own: boolean): void {
  result.className = 'ok';
  const m = r.manifest;
  result.replaceChildren(element('strong', words.ok), element('p', fill(words.said, { number: m.case_number, files: r.files, entries: r.entries, events: r.events, fields: r.fields })));
  const n = r.readings;
  if (n.chunks > 0) result.append(element('p', fill(words.readings, { readings: n.readings, chunks: n.chunks, words: n.words, given: n.given })));
  if (n.elsewhere > 0) result.append(element('p', fill(words.elsewhere, { n: n.elsewhere })));
  if (n.notGiven > 0) result.append(element('p', fill(words.not, { not: n.notGiven })));
  if (n.bare > 0) result.append(element('p', fill(words.bare, { bare: n.bare })));
  if (m.removed.length > 0) result.append(element('p', fill(words.removed, { n: m.removed.length, why: m.removed_for })));
  if (own) result.append(element('p', fill(words.own, { key: r.keyId })));
}

function draw(): void {
  document.title = words.title;
  const choice = element('nav');
  for (const l of languages) {
    const b = element('button', { kk: 'Қазақша', ru: 'Русский', en: 'English' }[l]);
    b.lang = l;
    b.addEventListener('click', () => {
      words = texts[l];
      document.documentElement.lang = l;
      draw();
    });
    choice.append(b);
  }
  const result = element('div');
  result.setAttribute('role', 'status');
  const main = element('main');
  main.append(
    choice,
    element('h1', words.title),
    picker(words.choose, '.zip', (f) => {
      chosen.file = f;
      void run(result);
    }),
    picker(words.keys, '.json', (f) => {
      chosen.keys = f;
      void run(result);
    }),
    result,
  );
  document.body.replaceChildren(main);
}

draw();
