package collector

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProgramsOfOthersGetNoSecretsOfOurs(t *testing.T) {
	t.Parallel()
	kept := []string{"PATH=/bin", "AWS_PROFILE=prod", "ANCHORE_URL=https://a", "HTTPS_PROXY=http://p"}
	secret := []string{
		"ANCHORE_PASSWORD=s", "STOCKTAKE_ANCHORE_PASSWORD=s", "KAI_ANCHORE_PASSWORD=s", "ANCHORE_K8S_INVENTORY_ANCHORE_PASSWORD=s",
		"ANCHORE_PASSWORD_FILE=/f", "STOCKTAKE_DELIVER_HTTP_TOKEN=s", "STOCKTAKE_ACCOUNT_ROUTES=s", "STOCKTAKE_KUBECONFIG_USER_TOKEN=s",
	}
	assert.Equal(t, kept, withoutSecrets(append(secret, kept...)))
	assert.NotNil(t, withoutSecrets(nil), "nil would be the whole environment")
}
