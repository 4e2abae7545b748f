package models

// Reach is Can for a thing that was asked for by a name: what lies outside the
// actor's scope gives the same error, to the letter, as what does not exist.
func Reach(actor Actor, action Action, scope Scope, noun, name string) error {
	err := Can(actor, action, scope)
	if CodeOf(err) == CodeNotFound {
		return NotFound(noun, name)
	}
	return err
}
