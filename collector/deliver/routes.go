package deliver

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"stocktake/collector/inventory"
	"stocktake/collector/settings"
)

// RouteOptions say to which Anchore account a namespace belongs.
type RouteOptions struct {
	Routes         Routes `setting:"account-routes" mapping:"true" secret:"true" doc:"accounts with their namespaces, as YAML: ACCOUNT: {namespaces: [names or regular expressions], user, password}; without user and password the global ones count"`
	LabelKey       string `setting:"account-route-by-namespace-label.key" doc:"label of a namespace whose value is its account, for namespaces that account-routes does not name"`
	DefaultAccount string `setting:"account-route-by-namespace-label.default-account" doc:"account of namespaces without that label, and of those whose account the receiver does not know"`
	IgnoreMissing  bool   `setting:"account-route-by-namespace-label.ignore-missing-label" alias:"account-route-by-namespace-label.ignore-namespace-missing-label" envDefault:"false" doc:"leave out namespaces without that label"`
}

// Routes are the static routes, in the order in which they were written.
type Routes []AccountRoute

// AccountRoute sends namespaces to an account.
type AccountRoute struct {
	Account    string
	User       string
	Password   string
	Namespaces []string
}

// routeYAML is the form of a route in a settings file.
type routeYAML struct {
	User       string   `yaml:"user"`
	Password   string   `yaml:"password"`
	Namespaces []string `yaml:"namespaces"`
}

// UnmarshalText reads a YAML mapping of accounts. Names are kept as written.
func (r *Routes) UnmarshalText(text []byte) error {
	node, err := settings.YAMLMapping(text)
	if err != nil || node == nil {
		return err
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		account := node.Content[i].Value
		var route routeYAML
		if err := strictYAML(node.Content[i+1], &route); err != nil {
			return fmt.Errorf("account %q: %w", account, err)
		}
		if slices.ContainsFunc(*r, func(known AccountRoute) bool { return known.Account == account }) {
			return fmt.Errorf("account %q is given twice", account)
		}
		*r = append(*r, AccountRoute{account, route.User, route.Password, route.Namespaces})
	}
	return nil
}

// strictYAML decodes a route; its own errors would quote the value, which may be
// a password.
func strictYAML(node *yaml.Node, into *routeYAML) error {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if key := node.Content[i].Value; !slices.Contains([]string{"user", "password", "namespaces"}, key) {
			return fmt.Errorf("unknown key %s: user, password and namespaces are known", key)
		}
	}
	if err := node.Decode(into); err != nil {
		return errors.New("not of the form {namespaces: [...], user: ..., password: ...}")
	}
	return nil
}

// Router finds the accounts of a namespace.
type Router struct {
	accounts   []string
	namespaces []settings.Patterns // by account
	options    RouteOptions
	fallback   string // of a namespace that nothing routes
}

// Router compiles the routes. It is nil when there are none: everything goes to the
// account.
func (o RouteOptions) Router(account string) (*Router, error) {
	if err := o.checkAccounts(); err != nil {
		return nil, err
	}
	if len(o.Routes) == 0 && o.LabelKey == "" {
		return nil, nil //nolint:nilnil // no routing is not a mistake
	}
	r := Router{options: o, fallback: account}
	if o.DefaultAccount != "" {
		r.fallback = o.DefaultAccount
	}
	for _, route := range o.Routes {
		p, err := settings.ReadPatterns("account-routes."+route.Account+".namespaces", route.Namespaces, settings.ExcludedNamespace)
		if err == nil && (route.User == "") != (route.Password == "") {
			err = settings.Invalid("account-routes."+route.Account, "user and password go together: set both, or neither to use the global ones")
		}
		if err != nil {
			return nil, err
		}
		r.accounts, r.namespaces = append(r.accounts, route.Account), append(r.namespaces, p)
	}
	return &r, nil
}

// checkAccounts finds names that the header of an account cannot carry. The label of
// a namespace cannot hold one: Kubernetes allows no such value.
func (o RouteOptions) checkAccounts() error {
	var errs []error
	for _, route := range o.Routes {
		if route.Account == "" {
			errs = append(errs, settings.Invalid("account-routes", "an account has no name: give the one that Anchore knows"))
		}
		errs = append(errs, CheckAccount(fmt.Sprintf("account-routes.%q", route.Account), route.Account))
	}
	errs = append(errs, CheckAccount("account-route-by-namespace-label.default-account", o.DefaultAccount))
	return errors.Join(errs...)
}

// Route returns the accounts of a namespace: those whose static route names it,
// else the one in its label, else the default.
func (r *Router) Route(ns inventory.Namespace) []string {
	var accounts []string
	for i, account := range r.accounts {
		if r.namespaces[i].Match(ns.Name) {
			accounts = append(accounts, account)
		}
	}
	if len(accounts) > 0 {
		return accounts
	}
	if account := r.labelled(ns); account != "" {
		return []string{account}
	}
	if r.options.IgnoreMissing && r.options.LabelKey != "" {
		return nil
	}
	return []string{r.fallback}
}

// Accounts are those that static routes name.
func (r *Router) Accounts() []string { return slices.Clone(r.accounts) }

// labelled is the account in the label of a namespace; an empty value counts as
// no label.
func (r *Router) labelled(ns inventory.Namespace) string {
	if r.options.LabelKey == "" {
		return ""
	}
	for _, l := range ns.Labels {
		if l.Key == r.options.LabelKey {
			return l.Value
		}
	}
	return ""
}

// Credentials are those of routes that have their own.
func (o RouteOptions) Credentials() map[string]Credentials {
	own := map[string]Credentials{}
	for _, route := range o.Routes {
		if route.User != "" {
			own[route.Account] = Credentials{User: route.User, Password: route.Password}
		}
	}
	return own
}
