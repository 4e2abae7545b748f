package gate

import "rigistry/services/store"

// recent remembers the answers that have no rows yet, by utility and key.
type recent struct {
	answers map[string]knownAnswer
	turns   []recentTurn
}

type recentTurn struct {
	seq  int64
	keys []string
}

// knownAnswer is what was answered to a key: as it was given, or as it is stored.
type knownAnswer struct {
	turn   int64
	id     string
	digest string
	text   string
	answer *Answer
}

func (k knownAnswer) read() (Answer, error) {
	if k.answer != nil {
		return *k.answer, nil
	}
	return parseAnswer(store.GateCheck{ID: k.id, Answer: k.text})
}

func recentKey(utility, key string) string { return utility + "|" + key }

// keep remembers a batch as it is stored.
func (r *recent) keep(seq int64, answers []store.GateAnswer) {
	keys := make([]string, 0, len(answers))
	for i := range answers {
		c := &answers[i].Check
		key := recentKey(c.Utility, c.Key)
		r.answers[key] = knownAnswer{turn: seq, id: c.ID, digest: c.BodyDigest, text: c.Answer}
		keys = append(keys, key)
	}
	r.turns = append(r.turns, recentTurn{seq, keys})
}

// keepNew remembers answers that this process recorded.
func (r *recent) keepNew(seq int64, answers []*answered) {
	keys := make([]string, 0, len(answers))
	for _, a := range answers {
		r.answers[a.key] = knownAnswer{turn: seq, id: a.answer.ID, digest: a.item.digest, answer: a.answer}
		keys = append(keys, a.key)
	}
	r.turns = append(r.turns, recentTurn{seq, keys})
}

// forget drops what has rows now.
func (r *recent) forget(settled int64) {
	for len(r.turns) > 0 && r.turns[0].seq <= settled {
		for _, key := range r.turns[0].keys {
			if r.answers[key].turn <= settled {
				delete(r.answers, key)
			}
		}
		r.turns = r.turns[1:]
	}
}
