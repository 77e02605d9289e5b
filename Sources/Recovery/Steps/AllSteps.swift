/// The steps that belong to no engine. Adding one is a file and a line here.
package let allGeneralSteps: [any Step.Type] = [
    BackupVerifyStep.self,
    BackupTakeStep.self,
    ReferencesVerifyStep.self,
    AppStopStep.self,
    AppStartStep.self,
    AppHealthyStep.self,
    ExecStep.self,
    ManualStep.self,
    ConfirmStep.self,
    NotifyStep.self,
]
