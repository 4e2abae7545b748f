package gate

import (
	"sync"
	"testing"

	"rigistry/models"
)

func TestGate_TheKeyOfABatchStandsForTheWholeBatch(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		rs := []models.CheckRequest{w.request(), w.request(), w.request()}
		for i := range rs {
			rs[i].Requested = 100_000
		}
		ask := func(key string, rs []models.CheckRequest) error {
			_, err := w.gate.CheckBatch(w.ctx, w.pres, key, "en", rs)
			return err
		}
		w.must(ask("b", rs[:2]))
		for name, other := range map[string][]models.CheckRequest{"more": rs, "fewer": rs[:1]} {
			if err := ask("b", other); models.CodeOf(err) != models.CodeIdempotency {
				t.Errorf("%s checks under the key: %v", name, err)
			}
		}
		w.must(ask("b", rs[:2]))
		if held := w.load(); held != 200_000 {
			t.Errorf("%d W are held, want those of the two checks", held)
		}

		// Two that are asked at once, of which one is the beginning of the other.
		var both sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			both.Go(func() { errs[i] = ask("c", rs[:i+2]) })
		}
		both.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("one of two is answered, the other refused: %v, %v", errs[0], errs[1])
		}
	})
}
