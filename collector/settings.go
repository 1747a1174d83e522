package collector

import (
	"stocktake/collector/deliver"
	"stocktake/collector/kube"
	"stocktake/collector/payload"
	"stocktake/collector/settings"
)

// Settings is everything that can be set, grouped by the package that uses it. The tags
// of the fields are the only place where a setting is described: the decoder, the check
// of names, the settings print and the table in the README read them.
type Settings struct {
	Run          RunOptions
	Kube         kube.Options
	Identity     kube.Identity
	Select       SelectOptions
	Metadata     MetadataOptions
	Payload      payload.Options
	Anchore      deliver.AnchoreOptions
	Route        RouteOptions
	Registration deliver.RegistrationOptions
	HTTP         deliver.HTTPOptions
	File         deliver.FileOptions
	Pushgateway  deliver.PushgatewayOptions
	Metrics      MetricsOptions
}

// Catalog describes every setting, in the order of the reference.
func Catalog() settings.Catalog { return settings.CatalogOf(Settings{}) }

// loaded is the settings and what the sources gave.
type loaded struct {
	Settings
	settings.Given
}

// load reads the settings of an invocation. What is right is read even when something
// else is wrong.
func load(inv Invocation) (loaded, error) {
	var l loaded
	var err error
	l.Given, err = settings.Load(&l.Settings, settings.Sources{Config: inv.Config, Environ: inv.Environ, Flags: inv.Flags})
	l.Kube.Identity = l.Identity
	return l, err
}
