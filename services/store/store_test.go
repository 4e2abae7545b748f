package store

import "testing"

func TestPage_SizeStaysWithinItsBounds(t *testing.T) {
	for _, c := range []struct{ limit, want int }{{0, 50}, {-3, 50}, {7, 7}, {5000, 1000}} {
		if got := (Page{Limit: c.limit}).Size(); got != c.want {
			t.Errorf("Page{Limit: %d}.Size() = %d, want %d", c.limit, got, c.want)
		}
	}
}
