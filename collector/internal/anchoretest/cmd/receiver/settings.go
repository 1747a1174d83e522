package main

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"stocktake/collector/internal/anchoretest"
)

// settings are the command line.
type settings struct {
	listen  string
	options anchoretest.Options
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	var user, password, api, gzip, accounts string
	flags := flag.NewFlagSet("receiver", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	flags.StringVar(&user, "user", "", "user `name` asked for; nobody is asked when empty")
	flags.StringVar(&password, "password", "", "that user's `password`")
	flags.StringVar(&accounts, "accounts", "", "comma-separated `names` of the accounts that exist; all when empty")
	flags.StringVar(&api, "api", "v2", "generation played: v2, v1 or kai")
	flags.StringVar(&gzip, "gzip", "accept", "compressed bodies: accept, or refuse with 400, 415 or 500")
	flags.StringVar(&s.options.Version, "version", "", "API version told by /version; or absent, garbage, page")
	flags.StringVar(&s.options.BasePath, "base-path", "", "`path` to serve below, as in /api")
	flags.BoolVar(&s.options.Discard, "discard", false, "count the bytes of bodies and accept them unread")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if user != "" {
		s.options.Users = map[string]string{user: password}
	}
	if accounts != "" {
		s.options.Accounts = strings.Split(accounts, ",")
	}
	s.options.KeepBody = -1 // only counts are told
	return s, s.choose(api, gzip)
}

// choose turns the words for API and gzip into their values.
func (s *settings) choose(api, gzip string) error {
	apis := map[string]anchoretest.API{"v2": anchoretest.V2, "v1": anchoretest.V1, "kai": anchoretest.KAI}
	gzips := map[string]anchoretest.Gzip{
		"accept": anchoretest.GzipAccept, "400": anchoretest.GzipRefuse400,
		"415": anchoretest.GzipRefuse415, "500": anchoretest.GzipRefuse500,
	}
	var ok bool
	if s.options.API, ok = apis[api]; !ok {
		return fmt.Errorf("-api %q: want v2, v1 or kai", api)
	}
	if s.options.Gzip, ok = gzips[gzip]; !ok {
		return fmt.Errorf("-gzip %q: want accept, 400, 415 or 500", gzip)
	}
	return nil
}
