import type { Position } from '../outbox/event';

/** The place by the device at this moment; undefined when it gives none within a few seconds. It never stops the work. */
export function position(ms = 4000): Promise<Position | undefined> {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(undefined);
    const timer = setTimeout(() => resolve(undefined), ms);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        clearTimeout(timer);
        resolve({ lat: round(coords.latitude, 6), lon: round(coords.longitude, 6), accuracy_m: round(coords.accuracy, 1) });
      },
      () => {
        clearTimeout(timer);
        resolve(undefined);
      },
      { enableHighAccuracy: true, timeout: ms, maximumAge: 15_000 },
    );
  });
}

const round = (n: number, digits: number) => Math.round(n * 10 ** digits) / 10 ** digits;
