package main

import "fmt"

// appealed lets a refused applicant appeal through the office.
func (d *demo) appealed(cast *demoCast, c demoCase, id string) error {
	d.ago(c.filed - 20*day)
	const why = "Автоматика принята системным оператором в день решения; акт приложен к жалобе."
	if _, err := d.registry.svc.Licensing.FileAppeal(d.app.Ctx, cast.actors["clerk"], id, why); err != nil {
		return fmt.Errorf("appeal against the refusal of %s: %w", c.holder, err)
	}
	return nil
}
