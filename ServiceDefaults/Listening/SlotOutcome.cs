namespace GameStack.ServiceDefaults.Listening;

public enum SlotOutcome
{
    Taken,

    /// <summary>Every slot is taken.</summary>
    Full,

    /// <summary>The address has as many slots as one address may have.</summary>
    AddressFull,
}
