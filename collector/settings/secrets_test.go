package settings

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProgramsOfOthersGetNoSecretsOfOurs(t *testing.T) {
	t.Parallel()
	c := Catalog{{Name: "anchore.password", Secret: true}, {Name: "deliver.http.token", Secret: true}, {Name: "anchore.url"}}
	kept := []string{"PATH=/bin", "AWS_PROFILE=prod", "ANCHORE_URL=https://a", "HTTPS_PROXY=http://p"}
	secret := []string{
		"ANCHORE_PASSWORD=s", "STOCKTAKE_ANCHORE_PASSWORD=s", "KAI_ANCHORE_PASSWORD=s", "ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=s",
		"ANCHORE_PASSWORD_FILE=/f", "STOCKTAKE_DELIVER_HTTP_TOKEN=s",
	}
	assert.Equal(t, kept, c.WithoutSecrets(append(secret, kept...)))
	assert.NotNil(t, c.WithoutSecrets(nil), "nil would be the whole environment")
}
