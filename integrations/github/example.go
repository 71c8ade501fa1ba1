package github

const exampleRunName = "Deploy to ${{ inputs.environment }} [${{ inputs.correlation_id }}]"

// ExampleWorkflow is a workflow file that Shipmate can dispatch, for the documentation and for people whose own file
// has mistakes. Its first step ends a run that was started twice for the same request, which happens when GitHub takes
// a dispatch, its answer is lost and the run appears only after Shipmate has stopped looking for it.
const ExampleWorkflow = `name: Deploy
run-name: ` + exampleRunName + `

on:
  workflow_dispatch:
    inputs:
      sha:
        description: The commit to deploy
        required: true
        type: string
      environment:
        description: Where to
        required: true
        type: string
      correlation_id:
        description: The request this run answers
        required: true
        type: string

concurrency: deploy-${{ inputs.environment }}

permissions:
  actions: read
  contents: read

jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - name: Stop if this request has an older run
        env:
          GH_TOKEN: ${{ github.token }}
          REQUEST: ${{ inputs.correlation_id }}
        run: |
          older=$(gh run list --repo "$GITHUB_REPOSITORY" --workflow "$GITHUB_WORKFLOW" --event workflow_dispatch --limit 100 \
            --json databaseId,displayTitle --jq '.[]
              | select(.displayTitle | contains("[" + env.REQUEST + "]"))
              | select(.databaseId < (env.GITHUB_RUN_ID | tonumber))
              | .databaseId')
          if [ -n "$older" ]; then
            echo "::error::Run $older already answers request $REQUEST."
            exit 1
          fi
      - uses: actions/checkout@v4
        with:
          ref: ${{ inputs.sha }}
      - name: Deploy
        env:
          ENVIRONMENT: ${{ inputs.environment }}
        run: ./deploy.sh "$ENVIRONMENT"
`
