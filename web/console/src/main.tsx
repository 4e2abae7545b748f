import { createRoot } from 'react-dom/client';
import { startI18n } from '@shared/i18n';
import { App } from '@app/App';
import '@app/styles';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
await startI18n();
createRoot(root).render(<App />);
