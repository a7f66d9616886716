//! One run from commit to deployment: plan, steps, seal, evidence, gate, deploy.
