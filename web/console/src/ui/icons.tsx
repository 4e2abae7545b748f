/** The few icons of the console, drawn on a 16-pixel grid. They are decoration: the words stand beside them or in aria-label. */
function icon(path: React.ReactNode) {
  return function Icon() {
    return (
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
        {path}
      </svg>
    );
  };
}
export const CopyIcon = icon(<><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3v-.5h-8v8H3" /></>);
export const CheckIcon = icon(<path d="m3 8.5 3.2 3L13 4.5" />);
export const SearchIcon = icon(<><circle cx="7" cy="7" r="4.25" /><path d="m10.5 10.5 3 3" /></>);
export const MenuIcon = icon(<path d="M2.5 4h11M2.5 8h11M2.5 12h11" />);
export const SunIcon = icon(<><circle cx="8" cy="8" r="2.75" /><path d="M8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" /></>);
export const MoonIcon = icon(<path d="M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z" />);
export const ChevronIcon = icon(<path d="m6 4 4 4-4 4" />);
export const BackIcon = icon(<path d="M13 8H3.5M7 4 3 8l4 4" />);
export const PauseIcon = icon(<path d="M5.5 4v8M10.5 4v8" />);
export const QueueIcon = icon(<path d="M2.5 4h11M2.5 8h8M2.5 12h5" />);
export const LicenseIcon = icon(<><rect x="3" y="2" width="10" height="12" rx="1.5" /><path d="M5.5 5.5h5M5.5 8h5M5.5 10.5h2.5" /></>);
export const DocumentIcon = icon(<><path d="M3.500 1.500h6l3 3v10h-9zM9.500 1.500v3h3" /><circle cx="8" cy="9.500" r="1.800" /></>);
export const PeopleIcon = icon(<><circle cx="6" cy="5.5" r="2.5" /><path d="M1.5 13.5c.4-2.6 2.2-4 4.5-4s4.1 1.4 4.5 4M10.5 3.3a2.4 2.4 0 0 1 0 4.4M12 9.9c1.400.5 2.2 1.700 2.500 3.600" /></>);
export const GateIcon = icon(<path d="M2.500 13.500v-9l5.500-2 5.500 2v9M2.500 7h11M6 7v6.500M10 7v6.500" />);
export const LogIcon = icon(<path d="M3 3.500h1M3 8h1M3 12.500h1M6.500 3.500h7M6.500 8h7M6.500 12.500h7" />);
export const OrderIcon = icon(<path d="M1.500 11.500h3.500l5-6M11 11.500h3.500M5 11.500v0" />);
export const GridIcon = icon(<path d="M8 1.500v4M4 14.500v-4M12 14.500v-4M2.500 5.500h11M2.500 10.500h3M10.500 10.500h3M4 10.500V8h8v2.500M8 5.500V8" />);
export const FindingIcon = icon(<path d="M1.500 11h2.500l2-7 3 9 2-5 1 3h2.500" />);
export const LedgerIcon = icon(<path d="M8 2v3M8 5H4v3M8 5h4v3M4 8H2.500v3M4 8h1.500v3M12 8h-1.500v3M12 8h1.500v3" />);
export const CollectorIcon = icon(<><rect x="2.500" y="3" width="11" height="4" rx="1" /><rect x="2.500" y="9" width="11" height="4" rx="1" /><path d="M5 5h.01M5 11h.01" /></>);
export const PastIcon = icon(<><path d="M2.5 3v3.500H6M2.800 6.500A5.500 5.500 0 1 1 2.500 8.500" /><path d="M8 5.500V8.500l2 1.200" /></>);
