package models

func meterRules() []gateRule {
	mining := func(check func(in *gateInput) verdict) func(*gateInput) verdict {
		return func(in *gateInput) verdict {
			if in.f.Point == nil || in.r.Purpose != PurposeMining {
				return notApplicable()
			}
			return check(in)
		}
	}
	return []gateRule{
		{ReasonMeterNotRegistered, SeverityDeny, "revenue meters of the point", "mining is asked for and the point has no revenue meter",
			mining(func(in *gateInput) verdict {
				return in.judge(len(in.f.Meters) == 0, func() []any { return []any{"revenue meters", len(in.f.Meters)} })
			})},
		{ReasonMeterNotLinked, SeverityDeny, "links of the revenue meters", "mining is asked for and a revenue meter has no link and was never read",
			mining(func(in *gateInput) verdict {
				v := in.judge(false, func() []any { return []any{"revenue meters", len(in.f.Meters)} })
				for _, m := range in.f.Meters {
					if !m.Linked {
						v.result = RuleFail
					}
					if in.traced {
						v.reads = append(v.reads, "meter "+m.Serial+" linked", m.Linked)
					}
				}
				return v
			})},
		{ReasonMeterDataStale, SeverityRefer, "last reading of the revenue meters", "mining is asked for and the last good reading of a linked meter is too old or missing",
			mining(func(in *gateInput) verdict {
				v := in.judge(false, func() []any { return []any{"stale after", in.p.StaleMeter} })
				for _, m := range in.f.Meters {
					if m.Linked && in.at.Sub(m.Last) > in.p.StaleMeter {
						v.result = RuleFail
					}
					if in.traced {
						v.reads = append(v.reads, "meter "+m.Serial+" last read", m.Last)
					}
				}
				return v
			})},
	}
}

func useRules() []gateRule {
	return []gateRule{
		{ReasonEquipmentMismatch, SeverityRefer, "active rigs of the license at the site, load of the appendix",
			"registered rigs are below or above the band around the load that the permit would make; a note while none is registered", func(in *gateInput) verdict {
				l := in.f.License
				if l == nil || in.f.Point == nil || !l.Covers || in.r.Purpose != PurposeMining {
					return notApplicable()
				}
				load := l.SiteLoad + in.added()
				low, high := int64(load)*in.p.EquipmentLow, int64(load)*in.p.EquipmentHigh
				rigs := int64(in.f.Equipment) * 1000
				v := judge(rigs < low || rigs > high)
				if in.traced {
					v.reads = []any{"rigs registered", in.f.Equipment, "load with the permit", load}
				}
				if in.f.Equipment == 0 {
					v.severity = SeverityNote
				}
				return v
			}},
		{ReasonDeclaredUseCheck, SeverityRefer, "requested power, declared use, licenses that named the point",
			"another purpose than mining is declared, and the power is large, or the point is or was used for mining", func(in *gateInput) verdict {
				if in.r.Purpose == PurposeMining || in.f.Point == nil {
					return notApplicable()
				}
				return in.judge(in.r.Requested >= in.p.DeclaredUse || in.f.EverMining || in.f.Point.DeclaredUse == string(PurposeMining), func() []any {
					return []any{"requested", in.r.Requested, "looked at from", in.p.DeclaredUse,
						"point was on a license", in.f.EverMining, "declared use", in.f.Point.DeclaredUse}
				})
			}},
	}
}
