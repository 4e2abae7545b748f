// Runs the walks one after another against one server, each to its end, and fails when one of them did.
import { spawnSync } from 'node:child_process';

const walks = ['walk', 'newcomer', 'field', 'field-odd', 'field-camera', 'field-screens', 'field-thumb', 'court', 'inspections', 'metering'];
const failed = walks.filter((one) => spawnSync(process.execPath, [new URL(`${one}.mjs`, import.meta.url).pathname], { stdio: 'inherit' }).status !== 0);
if (failed.length > 0) console.log(`FAIL  walks that did not keep all promises: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
