import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { SearchIcon } from './icons';

/** A search field that tells its text after a pause in typing, and at once on Enter. */
export function SearchBox({ label, value, onSearch, inputRef }: { label: string; value: string; onSearch: (text: string) => void; inputRef?: React.Ref<HTMLInputElement> }) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onSearch(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed, value, onSearch]);
  return (
    <TextInput
      ref={inputRef ?? null}
      type="search"
      label={label}
      leftSection={<SearchIcon />}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onSearch(typed.trim());
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
