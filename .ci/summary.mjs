// Reads `go test -json`, prints each package as it ends and the output of what
// failed, and the counts at the end (also to the file named).
import { createInterface } from 'node:readline';
import { writeFileSync } from 'node:fs';

const count = { pass: 0, fail: 0, skip: 0 };
const output = new Map();
const failed = new Set();
const names = [];
const key = (e) => `${e.Package} ${e.Test ?? ''}`;

for await (const line of createInterface({ input: process.stdin })) {
  let event;
  try {
    event = JSON.parse(line);
  } catch {
    console.log(line);
    continue;
  }
  if (event.Action === 'output' || event.Action === 'build-output') {
    const k = event.ImportPath ? `${event.ImportPath} ` : key(event);
    output.set(k, (output.get(k) ?? '') + event.Output);
    continue;
  }
  if (event.Action === 'build-fail') console.log(output.get(`${event.ImportPath} `) ?? '');
  if (!['pass', 'fail', 'skip'].includes(event.Action)) continue;
  if (event.Test) {
    count[event.Action] += 1;
    if (event.Action === 'fail') {
      failed.add(event.Package);
      names.push(`${event.Package} ${event.Test}`);
      console.log(output.get(key(event)) ?? '');
    }
    if (event.Action === 'skip') console.log(`skipped ${event.Package} ${event.Test}`);
    output.delete(key(event));
  } else {
    if (event.Action === 'fail') {
      console.log(output.get(key(event)) ?? '');
      if (!failed.has(event.Package)) count.fail += 1; // it did not build, or ended without a verdict
    }
    if (event.Action !== 'skip') console.log(`${event.Action === 'pass' ? 'ok  ' : 'FAIL'} ${event.Package} ${event.Elapsed ?? 0}s`);
  }
}
const text = `${names.map((one) => `FAIL ${one}\n`).join('')}${count.pass} passed, ${count.fail} failed, ${count.skip} skipped\n`;
if (process.argv[2]) writeFileSync(process.argv[2], text);
console.log(text);
